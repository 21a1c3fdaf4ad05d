import { useElementSize } from '@mantine/hooks';
import { lookUp } from '@spinbay/contracts';
import { memo } from 'react';
import { formatDateTime } from '../../../ui/format.ts';
import { SessionBadge } from '../../../ui/session-badge.tsx';
import { texts } from '../../../ui/texts.ts';
import type { SessionLine } from '../session-lines.ts';
import { Cover } from './cover.tsx';
import { FramesCell } from './frames-cell.tsx';
import type { LinesProps } from './lines.ts';
import classes from './sessions.module.css';
import { useWindowing } from './use-windowing.ts';
import { VehicleLink } from './vehicle-link.tsx';

const rowRem = 11;
/** The minimum width of a card in pixels. */
const minCardWidth = 360;

/** The list on a narrow screen: cards. Only visible cards are rendered. */
export function SessionCards({ lines, total, ...watch }: LinesProps) {
  const { ref: measured, width } = useElementSize();
  const columns = Math.max(1, Math.floor(width / minCardWidth));
  const { list, range, rows, rowHeight, keptRow, focusProps } = useWindowing({ lines, rowRem, columns, ...watch });
  const drawn = Array.from({ length: Math.max(0, range.end - range.first) }, (_, k) => range.first + k);
  if (keptRow !== null && (keptRow < range.first || keptRow >= range.end)) drawn.push(keptRow);
  return (
    <div ref={measured} {...focusProps}>
      <ul
        ref={(element) => {
          list.current = element;
        }}
        className={classes.cards}
        style={{ height: rows * rowHeight }}
        aria-label={texts.sessions.table}
      >
        {drawn
          .sort((a, b) => a - b)
          .flatMap((row) => Array.from({ length: columns }, (_, k) => row * columns + k))
          .map((at) => {
            const line = lines[at];
            if (!line) return null;
            const place = { top: Math.floor(at / columns) * rowHeight, height: rowHeight };
            const share = 100 / columns;
            return (
              <Card
                key={line.id}
                line={line}
                at={at}
                total={total}
                top={place.top}
                height={place.height}
                left={`${(at % columns) * share}%`}
                width={`${share}%`}
              />
            );
          })}
      </ul>
    </div>
  );
}

interface CardProps {
  readonly line: SessionLine;
  readonly at: number;
  readonly total: number | null;
  readonly top: number;
  readonly height: number;
  readonly left: string;
  readonly width: string;
}

const Card = memo(function Card({ line, at, total, ...place }: CardProps) {
  return (
    <li
      className={classes.card}
      style={place}
      aria-posinset={at + 1}
      aria-setsize={total ?? -1}
      data-line={line.id}
      data-testid="session"
      data-status={line.status}
    >
      <Cover cover={line.cover} />
      <div className={classes.cardBody}>
        <div className={classes.cardTitle}>
          <VehicleLink session={line} />
          <SessionBadge status={line.status} />
        </div>
        <div className={classes.cardFacts}>
          <div>
            {lookUp<string>(texts.mode, line.mode, line.mode)} · {line.site_name}
          </div>
          <div>
            <time dateTime={line.started_at}>{formatDateTime(line.started_at)}</time> · {line.operator.name}
          </div>
        </div>
        <FramesCell session={line} />
      </div>
    </li>
  );
});
