import { VisuallyHidden } from '@mantine/core';
import { lookUp } from '@spinbay/contracts';
import { memo } from 'react';
import { SessionBadge } from '../../../ui/session-badge.tsx';
import { texts } from '../../../ui/texts.ts';
import type { SessionLine } from '../session-lines.ts';
import { piecesOf } from '../windowing.ts';
import { Cover } from './cover.tsx';
import { FramesCell } from './frames-cell.tsx';
import type { LinesProps } from './lines.ts';
import classes from './sessions.module.css';
import { Started } from './started.tsx';
import { useWindowing } from './use-windowing.ts';
import { VehicleLink } from './vehicle-link.tsx';

const { columns } = texts.sessions;
const rowRem = 5.25;

/** The list on a wide screen: a table. Only visible rows are rendered. */
export function SessionsTable({ lines, total, ...watch }: LinesProps) {
  const { list, range, rows, rowHeight, keptRow, focusProps } = useWindowing({ lines, rowRem, columns: 1, ...watch });
  const pieces = piecesOf(range, rows, keptRow);
  return (
    <table
      className={classes.table}
      aria-label={texts.sessions.table}
      aria-rowcount={total === null ? -1 : total + 1}
      {...focusProps}
    >
      <SessionsTableHead />
      <tbody
        ref={(body) => {
          list.current = body;
        }}
      >
        {pieces.map((piece) => {
          if (!('row' in piece)) {
            return (
              // biome-ignore lint/a11y/noAriaHiddenOnFocusable: space for rows that are not rendered; nothing in it can be focused
              <tr key={`gap ${piece.from}`} aria-hidden="true">
                <td colSpan={8} className={classes.gap} style={{ height: piece.rows * rowHeight }} />
              </tr>
            );
          }
          const line = lines[piece.row];
          return line && <Row key={line.id} line={line} row={piece.row} />;
        })}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ line, row }: { line: SessionLine; row: number }) {
  return (
    <tr
      className={classes.row}
      aria-rowindex={row + 2}
      data-line={line.id}
      data-testid="session"
      data-status={line.status}
    >
      <td>
        <Cover cover={line.cover} />
      </td>
      <td>
        <VehicleLink session={line} />
      </td>
      <td>{lookUp<string>(texts.mode, line.mode, line.mode)}</td>
      <td>
        <div className={classes.name}>{line.operator.name}</div>
      </td>
      <td>
        <div className={classes.name}>{line.site_name}</div>
      </td>
      <td>
        <SessionBadge status={line.status} />
      </td>
      <td>
        <FramesCell session={line} />
      </td>
      <td>
        <Started at={line.started_at} />
      </td>
    </tr>
  );
});

export function SessionsTableHead() {
  return (
    <thead className={classes.head}>
      <tr aria-rowindex={1}>
        {Object.entries(columns).map(([key, label]) => (
          <th key={key} scope="col" data-column={key}>
            {key === 'cover' ? <VisuallyHidden component="span">{label}</VisuallyHidden> : label}
          </th>
        ))}
      </tr>
    </thead>
  );
}
