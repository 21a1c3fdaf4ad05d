import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** The share of sessions that may take longer than promised: 95 % are completely visible within 60 s. */
const errorBudget = 0.05;

/** With fewer sessions in the long window, one dealer without a network would raise the alarm. */
const minSessions = 10;

/**
 * The alarms of Google's Site Reliability Workbook for a budget of 30 days. The budget must burn too fast in both windows:
 * the long one shows that it matters, the short one that it still happens.
 */
const burnRates = [
  { id: 'promise-fast', factor: 14.4, long: Duration.hours(1), short: Duration.minutes(5), spends: '2 % in an hour' },
  { id: 'promise-slow', factor: 6, long: Duration.hours(6), short: Duration.minutes(30), spends: '5 % in six hours' },
] as const;

interface SessionCounts {
  readonly counted: cloudwatch.Metric;
  readonly kept: cloudwatch.Metric;
}

/** How many times faster than allowed the sessions of a window use the error budget. 0 with fewer sessions than `least`. */
export function burnRate({ counted, kept }: SessionCounts, period: Duration, least: number): cloudwatch.MathExpression {
  // A graph of two windows needs different ids.
  const [all, good] = [`counted${period.toMinutes()}`, `kept${period.toMinutes()}`];
  return new cloudwatch.MathExpression({
    expression: `IF(FILL(${all}, 0) >= ${least}, (1 - FILL(${good}, 0) / FILL(${all}, 1)) / ${errorBudget}, 0)`,
    usingMetrics: { [all]: counted.with({ period }), [good]: kept.with({ period }) },
    label: `burn rate over ${period.toHumanString()}`,
    period,
  });
}

/** Creates a composite alarm for each burn rate. @param name the prefix of the names of all alarms */
export function burnRateAlarms(
  scope: Construct,
  sessions: SessionCounts,
  name: string,
  describe: (meaning: string) => string,
): cloudwatch.CompositeAlarm[] {
  return burnRates.map(({ id, factor, long, short, spends }) => {
    const half = (window: 'long' | 'short', period: Duration, least: number) =>
      burnRate(sessions, period, least).createAlarm(scope, `${id}-${window}`, {
        alarmName: `${name}-${id}-${window}`,
        alarmDescription: describe(`The ${window} window of ${id}, which notifies nobody by itself.`),
        threshold: factor,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    const halves = [half('long', long, minSessions), half('short', short, 1)];
    return new cloudwatch.CompositeAlarm(scope, id, {
      compositeAlarmName: `${name}-${id}`,
      alarmDescription: describe(`Late sessions use up the error budget of a month at a rate of ${spends}.`),
      alarmRule: cloudwatch.AlarmRule.allOf(
        ...halves.map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
      ),
    });
  });
}
