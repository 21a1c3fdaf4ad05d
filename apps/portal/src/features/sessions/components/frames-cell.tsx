import { Text, VisuallyHidden } from '@mantine/core';
import type { Session } from '@spinbay/contracts';
import { IconAlertCircle, IconCloudOff, IconCloudUp } from '@tabler/icons-react';
import { Pill } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';
import { frameSummary } from '../session-summary.ts';
import classes from './sessions.module.css';

/** `22 / 24` over a bar, and what needs attention. */
export function FramesCell({ session }: { session: Session }) {
  const { arrived, expected, failed, pending, expired, share } = frameSummary(session);
  return (
    <div className={classes.frames}>
      <Text size="sm" fw={600} className={classes.figures}>
        <span aria-hidden="true">
          {arrived}
          <span className={classes.of}>/{expected}</span>
        </span>
        <VisuallyHidden component="span">{texts.sessions.arrived(arrived, expected)}</VisuallyHidden>
      </Text>
      <span className={classes.track} aria-hidden="true">
        <span className={classes.bar} style={{ width: `${share * 100}%` }} data-full={share === 1} />
      </span>
      {(failed > 0 || expired > 0 || pending > 0) && (
        <span className={classes.hints}>
          {failed > 0 && (
            <Pill tone="fail" icon={IconAlertCircle}>
              {texts.sessions.failed(failed)}
            </Pill>
          )}
          {expired > 0 && (
            <Pill tone="warn" icon={IconCloudOff}>
              {texts.sessions.expired(expired)}
            </Pill>
          )}
          {pending > 0 && (
            <Pill tone="calm" icon={IconCloudUp}>
              {texts.sessions.pending(pending)}
            </Pill>
          )}
        </span>
      )}
    </div>
  );
}
