import { Table } from '@mantine/core';
import type { PromiseReport } from '@spinbay/contracts';
import { texts } from '../../../ui/texts.ts';
import { formatSeconds } from '../promise-chart.ts';
import { Panel } from './panel.tsx';
import classes from './promise.module.css';

/** The figures of the chart as a table, for each day and site. */
export function SiteDaysTable({ days }: { days: PromiseReport['days'] }) {
  const { columns, phases } = texts.promise;
  return (
    <Panel id="per-site" title={texts.promise.perSite}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.day}</Table.Th>
            <Table.Th>{columns.site}</Table.Th>
            <Table.Th className={classes.number}>{columns.sessions}</Table.Th>
            <Table.Th className={classes.number}>{columns.kept}</Table.Th>
            <Table.Th className={classes.number}>{columns.median}</Table.Th>
            <Table.Th className={classes.number}>{columns.p95}</Table.Th>
            <Table.Th className={classes.number}>{phases.upload}</Table.Th>
            <Table.Th className={classes.number}>{phases.queue}</Table.Th>
            <Table.Th className={classes.number}>{phases.work}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {days
            .filter((day) => day.site_id !== null)
            .map((day) => (
              <Table.Tr key={`${day.day} ${day.site_id}`}>
                <Table.Td>{texts.promise.day(day.day)}</Table.Td>
                <Table.Td>{day.site_name}</Table.Td>
                <Table.Td className={classes.number}>{texts.promise.number(day.sessions)}</Table.Td>
                <Table.Td className={classes.number}>{texts.promise.share(day.kept, day.sessions)}</Table.Td>
                <Table.Td className={classes.number}>{formatSeconds(day.p50_s)}</Table.Td>
                <Table.Td className={classes.number}>{formatSeconds(day.p95_s)}</Table.Td>
                <Table.Td className={classes.number}>{formatSeconds(day.median_phases.upload)}</Table.Td>
                <Table.Td className={classes.number}>{formatSeconds(day.median_phases.queue)}</Table.Td>
                <Table.Td className={classes.number}>{formatSeconds(day.median_phases.work)}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
