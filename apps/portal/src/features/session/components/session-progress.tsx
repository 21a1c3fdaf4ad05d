import { Text, VisuallyHidden } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconCloudOff,
  IconCloudUp,
  IconPhotoPlus,
  IconWorldUpload,
} from '@tabler/icons-react';
import { formatClock, formatDateTime } from '../../../ui/format.ts';
import { Pill, type Tone } from '../../../ui/pill.tsx';
import { RefreshButton } from '../../../ui/refresh-button.tsx';
import { texts } from '../../../ui/texts.ts';
import type { GalleryCounts } from '../gallery.ts';
import type { Liveness } from '../liveness.ts';
import { ProgressRing } from './progress-ring.tsx';
import classes from './session.module.css';

const { counts: countTexts } = texts.session;

const countLooks = [
  { of: 'published', tone: 'live', icon: IconWorldUpload },
  { of: 'pass', tone: 'pass', icon: IconCircleCheck },
  { of: 'warn', tone: 'warn', icon: IconAlertTriangle },
  { of: 'fail', tone: 'fail', icon: IconCircleX },
  { of: 'expired', tone: 'warn', icon: IconCloudOff },
  { of: 'pending', tone: 'calm', icon: IconCloudUp },
  { of: 'missing', tone: 'calm', icon: IconPhotoPlus },
] as const satisfies readonly { of: keyof typeof countTexts; tone: Tone; icon: typeof IconCloudUp }[];

interface SessionProgressProps {
  readonly counts: GalleryCounts;
  /** The session has ended or is stalled: frames that have not arrived are missing. */
  readonly ended: boolean;
  /** Null if it is unknown, because the server does not answer. */
  readonly liveness: Liveness | null;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  readonly onRefresh: () => Promise<unknown>;
}

export function SessionProgress({ counts, ended, liveness, updatedAt, onRefresh }: SessionProgressProps) {
  return (
    <section className={classes.progress} aria-label={texts.session.progress}>
      <ProgressRing arrived={counts.arrived} expected={counts.expected} />
      <div className={classes.progressWords}>
        <Text fw={650} size="lg" data-testid="progress">
          {texts.session.progressText(counts.arrived, counts.expected)}
        </Text>
        <div className={classes.pills}>
          {countLooks.map(
            ({ of, tone, icon }) =>
              counts[of] > 0 && (
                <Pill key={of} tone={tone} icon={icon}>
                  {of === 'missing' && !ended ? countTexts.waiting(counts[of]) : countTexts[of](counts[of])}
                </Pill>
              ),
          )}
        </div>
      </div>
      <div className={classes.freshness}>
        <Text size="sm" c="dimmed" data-testid="freshness" data-live={liveness?.state === 'live'}>
          {liveness?.state === 'live' && (
            <>
              <span className={classes.pulse} aria-hidden="true" />
              <b>{texts.session.live}</b>,{' '}
            </>
          )}
          {liveness?.state === 'stalled' && (
            <>
              <b>{texts.session.stalled(formatDateTime(liveness.since))}</b>,{' '}
            </>
          )}
          {texts.session.updated(formatClock(updatedAt))}
        </Text>
        <RefreshButton onRefresh={onRefresh} />
      </div>
      <VisuallyHidden component="p" aria-live="polite" data-testid="announcement">
        {texts.session.announce(counts.arrived, counts.expected)}
      </VisuallyHidden>
    </section>
  );
}
