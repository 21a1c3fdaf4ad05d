import { Table, Text, VisuallyHidden } from '@mantine/core';
import type { Session } from '@spinbay/contracts';
import { formatDateTime } from '../../../ui/format.ts';
import { SessionBadge } from '../../../ui/session-badge.tsx';
import { texts } from '../../../ui/texts.ts';
import { Cover } from './cover.tsx';
import { FramesCell } from './frames-cell.tsx';
import classes from './sessions.module.css';
import { VehicleLink } from './vehicle-link.tsx';

const { columns } = texts.sessions;

export function SessionsTable({ sessions }: { sessions: readonly Session[] }) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={texts.sessions.table}>
      <SessionsTableHead />
      <Table.Tbody>
        {sessions.map((session) => (
          <Table.Tr key={session.id} className={classes.row} data-testid="session" data-status={session.status}>
            <Table.Td className={classes.coverCell}>
              <Cover cover={session.cover} />
            </Table.Td>
            <Table.Td className={classes.vehicleCell}>
              <VehicleLink session={session} />
            </Table.Td>
            <Table.Td>{texts.mode[session.mode]}</Table.Td>
            <Table.Td className={classes.nameCell}>
              <Text size="sm" lineClamp={2}>
                {session.operator.name}
              </Text>
            </Table.Td>
            <Table.Td className={classes.nameCell}>
              <Text size="sm" lineClamp={2}>
                {session.site_name}
              </Text>
            </Table.Td>
            <Table.Td>
              <SessionBadge status={session.status} />
            </Table.Td>
            <Table.Td>
              <FramesCell session={session} />
            </Table.Td>
            <Table.Td className={classes.timeCell}>
              <time dateTime={session.started_at}>{formatDateTime(session.started_at)}</time>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function SessionsTableHead() {
  return (
    <Table.Thead>
      <Table.Tr>
        {Object.entries(columns).map(([key, label]) => (
          <Table.Th key={key} className={classes.head}>
            {key === 'cover' ? <VisuallyHidden component="span">{label}</VisuallyHidden> : label}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}
