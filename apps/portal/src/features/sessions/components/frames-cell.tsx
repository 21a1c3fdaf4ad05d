import {
  type Icon,
  IconAlertCircle,
  IconAlertTriangle,
  IconCloudOff,
  IconCloudUp,
  IconWorldUpload,
} from '@tabler/icons-react';
import { Age } from '../../../ui/age.tsx';
import { Pill, type Tone } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';
import type { SessionLine } from '../session-lines.ts';
import { frameSummary } from '../session-summary.ts';
import classes from './sessions.module.css';

type Kind = 'failed' | 'warned' | 'expired' | 'pending' | 'published';

const hints: readonly { kind: Kind; tone: Tone; icon: Icon }[] = [
  { kind: 'failed', tone: 'fail', icon: IconAlertCircle },
  { kind: 'warned', tone: 'warn', icon: IconAlertTriangle },
  { kind: 'expired', tone: 'warn', icon: IconCloudOff },
  { kind: 'pending', tone: 'calm', icon: IconCloudUp },
  { kind: 'published', tone: 'pass', icon: IconWorldUpload },
];

/** `22 / 24` with the age of the last frame, a bar, and what needs attention. */
export function FramesCell({ session }: { session: Pick<SessionLine, 'frames' | 'last_frame_at'> }) {
  const { arrived, expected, share, ...counts } = frameSummary(session);
  const shown = hints.filter(({ kind }) => counts[kind] > 0);
  return (
    <div className={classes.frames}>
      <div className={classes.figures}>
        <span aria-hidden="true">
          <b>{arrived}</b>
          <span className={classes.of}> / {expected}</span>
        </span>
        <span className={classes.heard}>{texts.sessions.arrived(arrived, expected)}</span>
        {session.last_frame_at !== null && (
          <span className={classes.age} data-testid="age">
            <span className={classes.heard}>{texts.sessions.lastFrame}</span> <Age at={session.last_frame_at} />
          </span>
        )}
      </div>
      <span className={classes.track} aria-hidden="true">
        <span className={classes.bar} style={{ width: `${share * 100}%` }} data-full={share === 1} />
      </span>
      <div className={classes.hints} data-few={shown.length <= 2}>
        {shown.map(({ kind, tone, icon }) => {
          const count = counts[kind];
          const words = texts.sessions[kind](count);
          return (
            <span key={kind} title={words} className={classes.hint} data-hint={kind}>
              <Pill tone={tone} icon={icon}>
                <span className={classes.count} aria-hidden="true">
                  {count}
                </span>
                <span className={classes.words}>{words}</span>
              </Pill>
            </span>
          );
        })}
      </div>
    </div>
  );
}
