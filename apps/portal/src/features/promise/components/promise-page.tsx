import { SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { type PromiseReport, SiteId } from '@spinbay/contracts';
import { IconCloudOff, IconHourglassEmpty } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useApi, useReach } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { SiteSelect } from '../../../api/site-select.tsx';
import { formatClock, localDay } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { promiseQuery } from '../api/queries.ts';
import { chartDays, formatSeconds } from '../promise-chart.ts';
import classes from './promise.module.css';
import { PromiseChart } from './promise-chart.tsx';
import { SiteDaysTable } from './site-days-table.tsx';
import { SlowestTable } from './slowest-table.tsx';

const spans = [7, 14, 30, 90];

export default function PromisePage() {
  usePageTitle(texts.promise.title);
  const { client } = useApi();
  const [query, setQuery] = useSearchParams();
  const site = SiteId.safeParse(query.get('site'));
  const siteId = site.success ? site.data : null;
  const days = spans.find((span) => span === Number(query.get('days'))) ?? 14;
  const change = (part: { site?: SiteId | null; days?: string }) => {
    const next = { site: siteId, days: String(days), ...part };
    setQuery(next.site === null ? { days: next.days } : { site: next.site, days: next.days });
  };
  const report = useQuery(promiseQuery(client, { siteId, days }));
  const reach = useReach();
  // The previous report, which is shown until the next one arrives, may say nothing about this site.
  const isLoading =
    report.isPending || (report.isPlaceholderData && !report.data.days.some((day) => day.site_id === siteId));
  return (
    <>
      <div className={classes.top}>
        <div className={classes.lead}>
          <Title order={1} size="h2">
            {texts.promise.title}
          </Title>
          <Text size="sm" c="dimmed">
            {texts.promise.lead}
          </Text>
        </div>
        <search className={classes.filters} aria-label={texts.sessions.filters}>
          <SiteSelect siteId={siteId} onSelect={(site) => change({ site })} />
          <SegmentedControl
            className={classes.spans}
            aria-label={texts.promise.span}
            data={spans.map((span) => ({ value: String(span), label: texts.promise.days(span) }))}
            value={String(days)}
            onChange={(value) => change({ days: value })}
          />
        </search>
      </div>
      {isLoading && <Skeleton height={420} radius="lg" />}
      {report.isError && !report.data && (
        <PageState
          icon={IconCloudOff}
          title={texts.promise.failedToLoad}
          body={`${faultWords(report.error).title}. ${faultWords(report.error).body}`}
          action={{ label: texts.tryAgain, onClick: () => void report.refetch(), busy: report.isFetching }}
          level={2}
          alert
        />
      )}
      {report.data && report.isError && reach === 'reached' && (
        <StaleNotice
          title={texts.session.staleTitle}
          body={texts.promise.stale(formatClock(report.dataUpdatedAt))}
          onRetry={() => void report.refetch()}
        />
      )}
      {report.data && !isLoading && (
        <Report report={report.data} siteId={siteId} days={days} dimmed={report.isPlaceholderData} />
      )}
    </>
  );
}

interface ReportProps {
  readonly report: PromiseReport;
  readonly siteId: SiteId | null;
  readonly days: number;
  readonly dimmed: boolean;
}

function Report({ report, siteId, days, dimmed }: ReportProps) {
  const shown = report.days.filter((day) => day.site_id === siteId);
  const sessions = shown.reduce((sum, day) => sum + day.sessions, 0);
  const kept = shown.reduce((sum, day) => sum + day.kept, 0);
  if (sessions === 0)
    return (
      <PageState icon={IconHourglassEmpty} title={texts.promise.emptyTitle} body={texts.promise.emptyBody} level={2} />
    );
  const [newest] = shown;
  // The date in this browser's time zone, like the days of the report.
  const today = localDay(new Date());
  return (
    <div data-testid="promise">
      <dl className={classes.figures}>
        <Figure name={texts.promise.keptName(report.promised_s)} value={texts.promise.share(kept, sessions)} />
        <Figure name={texts.promise.sessionsName} value={texts.promise.number(sessions)} />
        {newest && <Figure name={texts.promise.latestMedian} value={formatSeconds(newest.p50_s)} />}
        {newest && <Figure name={texts.promise.latestP95} value={formatSeconds(newest.p95_s)} />}
      </dl>
      <section className={classes.panel} data-dimmed={dimmed}>
        <PromiseChart days={chartDays(report, siteId, days, today)} promised={report.promised_s} />
        <p className={classes.legend}>{texts.promise.legend}</p>
      </section>
      <SlowestTable slowest={report.slowest} promised={report.promised_s} />
      <SiteDaysTable days={report.days} />
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={classes.figure}>
      <dt className={classes.figureName}>{name}</dt>
      <dd className={classes.figureValue}>{value}</dd>
    </div>
  );
}
