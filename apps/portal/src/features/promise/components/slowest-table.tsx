import { Anchor, Table } from '@mantine/core';
import type { PromiseReport } from '@spinbay/contracts';
import { Link } from 'react-router';
import { formatDateTime } from '../../../ui/format.ts';
import { texts } from '../../../ui/texts.ts';
import { formatSeconds, slowestPhase } from '../promise-chart.ts';
import { Panel } from './panel.tsx';
import classes from './promise.module.css';

interface SlowestTableProps {
  readonly slowest: PromiseReport['slowest'];
  readonly promised: number;
}

/** The slowest sessions and their longest phase. */
export function SlowestTable({ slowest, promised }: SlowestTableProps) {
  const { columns } = texts.promise;
  return (
    <Panel id="slowest" title={texts.promise.slowest}>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.vehicle}</Table.Th>
            <Table.Th>{columns.site}</Table.Th>
            <Table.Th>{columns.seen}</Table.Th>
            <Table.Th className={classes.number}>{columns.seconds}</Table.Th>
            <Table.Th>{columns.slow}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {slowest.map((session) => {
            const phase = slowestPhase(session.phases);
            return (
              <Table.Tr key={session.session_id}>
                <Table.Td>
                  <Anchor component={Link} to={`/sessions/${session.session_id}`} fw={600} underline="always">
                    {session.stock ?? session.vin ?? texts.sessions.noStock}
                  </Anchor>
                </Table.Td>
                <Table.Td>{session.site_name}</Table.Td>
                <Table.Td>{formatDateTime(session.seen_at)}</Table.Td>
                <Table.Td className={classes.number} c={session.seconds > promised ? 'var(--sb-fail-text)' : undefined}>
                  {formatSeconds(session.seconds)}
                </Table.Td>
                <Table.Td>
                  {texts.promise.phase(texts.promise.phases[phase], formatSeconds(session.phases[phase]))}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
