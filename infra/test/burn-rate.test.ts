import { describe, expect, test } from 'vitest';
import { environments, type Resource, synthesised } from './templates.ts';

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData: boolean;
  readonly MetricStat?: { Metric: { Namespace: string; MetricName: string }; Period: number; Stat: string };
}

/** The value of an alarm's expression. It uses only operators that JavaScript and metric math share, and IF and FILL. */
function evaluate(expression: string, figures: { counted: number | null; kept: number | null }): number {
  const IF = (condition: boolean, yes: number, no: number) => (condition ? yes : no);
  const FILL = (value: number | null, missing: number) => value ?? missing;
  // The ids contain the minutes of the window.
  const body = `return ${expression.replaceAll(/(counted|kept)\d+/g, '$1')};`;
  return new Function('IF', 'FILL', 'counted', 'kept', body)(IF, FILL, figures.counted, figures.kept);
}

describe.each(environments)('%s', (environment) => {
  const aws = synthesised(environment);
  const alarm = (name: string) => {
    const found = [...aws.ofType('AWS::CloudWatch::Alarm'), ...aws.ofType('AWS::CloudWatch::CompositeAlarm')].find(
      ({ properties }) => properties.AlarmName === `spinbay-${environment}-${name}`,
    );
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found;
  };
  const queriesOf = ({ properties }: Resource): MetricQuery[] => properties.Metrics;
  const expressionOf = (name: string) => queriesOf(alarm(name)).find(({ ReturnData }) => ReturnData)?.Expression ?? '';

  test.each([
    ['promise-fast', 14.4, 3600, 300],
    ['promise-slow', 6, 21_600, 1800],
  ])('%s notifies when sessions are late in both windows', (name, factor, long, short) => {
    const { stack, properties } = alarm(name);
    const halves = [alarm(`${name}-long`), alarm(`${name}-short`)];
    const rule = halves.map((half) => `ALARM("${half.stack}.${half.id}.Arn")`).join(' AND ');
    expect(aws.text(stack, properties.AlarmRule)).toBe(`(${rule})`);
    expect(properties.AlarmActions).toEqual([{ Ref: aws.one('AWS::SNS::Topic').id }]);
    for (const [k, half] of halves.entries()) {
      expect(half.properties).toMatchObject({
        Threshold: factor,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      });
      const counts = queriesOf(half).flatMap(({ MetricStat }) => MetricStat ?? []);
      expect(counts.map(({ Period, Stat }) => [Period, Stat])).toEqual(Array(2).fill([[long, short][k], 'Sum']));
    }
  });

  test('the burn rate is the share of late sessions, in multiples of the 5 % that may be late', () => {
    const rate = expressionOf('promise-fast-long');
    expect(evaluate(rate, { counted: 100, kept: 95 })).toBeCloseTo(1);
    expect(evaluate(rate, { counted: 100, kept: 28 })).toBeCloseTo(14.4);
    expect(evaluate(rate, { counted: 100, kept: 100 })).toBe(0);
    // Metric filters report nothing without a log line.
    expect(evaluate(rate, { counted: 100, kept: null })).toBeCloseTo(20);
    expect(evaluate(rate, { counted: null, kept: null })).toBe(0);
  });

  test('few late sessions raise no alarm: the long window needs ten sessions, the short one any', () => {
    for (const name of ['promise-fast', 'promise-slow']) {
      expect(evaluate(expressionOf(`${name}-long`), { counted: 9, kept: 0 })).toBe(0);
      expect(evaluate(expressionOf(`${name}-long`), { counted: 10, kept: 0 })).toBeCloseTo(20);
      expect(evaluate(expressionOf(`${name}-short`), { counted: 1, kept: 0 })).toBeCloseTo(20);
    }
  });

  test('the counts are those of the lines that the worker logs', () => {
    const filters = aws.ofType('AWS::Logs::MetricFilter').map(({ properties }) => properties);
    const patternOf = ({ Namespace, MetricName }: { Namespace: string; MetricName: string }) =>
      filters.find(({ MetricTransformations: [made] }) => {
        return made.MetricNamespace === Namespace && made.MetricName === MetricName && made.MetricValue === '1';
      })?.FilterPattern;
    const patterns = queriesOf(alarm('promise-fast-long')).flatMap(({ Id, MetricStat }) =>
      MetricStat === undefined ? [] : [[Id, patternOf(MetricStat.Metric)]],
    );
    expect(Object.fromEntries(patterns)).toEqual({
      counted60: '{ ($.promise_kept IS TRUE) || ($.promise_kept IS FALSE) }',
      kept60: '{ $.promise_kept IS TRUE }',
    });
  });
});
