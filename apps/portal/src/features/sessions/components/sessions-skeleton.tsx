import { Skeleton, Table } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import classes from './sessions.module.css';
import { SessionsTableHead } from './sessions-table.tsx';

const rows = ['a', 'b', 'c', 'd', 'e', 'f'];
const widths = [140, 90, 120, 110, 80, 100, 130];

/** The shape of the list while it loads. */
export function SessionsSkeleton({ narrow }: { narrow: boolean }) {
  return (
    <div role="status" aria-label={texts.loading}>
      {narrow ? (
        <div className={classes.cards}>
          {rows.map((row) => (
            <div key={row} className={classes.card}>
              <Skeleton width={56} height={56} />
              <div className={classes.cardBody}>
                <Skeleton width="60%" height={18} />
                <Skeleton width="85%" height={12} mt="sm" />
                <Skeleton width="40%" height={12} mt="xs" />
              </div>
            </div>
          ))}
        </div>
      ) : (
        <Table verticalSpacing="sm" horizontalSpacing="md" aria-hidden="true">
          <SessionsTableHead />
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row}>
                <Table.Td className={classes.coverCell}>
                  <Skeleton width={56} height={56} />
                </Table.Td>
                {widths.map((width) => (
                  <Table.Td key={width}>
                    <Skeleton width={width} height={14} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
