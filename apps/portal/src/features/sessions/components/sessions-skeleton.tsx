import { Skeleton } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import classes from './sessions.module.css';
import { SessionsTableHead } from './sessions-table.tsx';

const rows = ['a', 'b', 'c', 'd', 'e', 'f'];
const widths = ['70%', '80%', '75%', '60%', '72%', '90%', '85%'];

/** The shape of the list while it loads. */
export function SessionsSkeleton({ narrow }: { narrow: boolean }) {
  return (
    <div role="status" aria-label={texts.loading}>
      {narrow ? (
        <div>
          {rows.map((row) => (
            <div key={row} className={classes.cardSkeleton}>
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
        <table className={classes.table} aria-hidden="true">
          <SessionsTableHead />
          <tbody>
            {rows.map((row) => (
              <tr key={row} className={classes.row}>
                <td>
                  <Skeleton width={56} height={56} />
                </td>
                {widths.map((width) => (
                  <td key={width}>
                    <Skeleton width={width} height={14} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
