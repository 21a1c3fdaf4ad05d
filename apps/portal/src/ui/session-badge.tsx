import type { SessionStatus } from '@spinbay/contracts';
import { type Icon, IconBan, IconCheck, IconLivePhoto } from '@tabler/icons-react';
import { Pill, type Tone } from './pill.tsx';
import { texts } from './texts.ts';

const looks: Record<SessionStatus, { tone: Tone; icon: Icon }> = {
  active: { tone: 'live', icon: IconLivePhoto },
  completed: { tone: 'pass', icon: IconCheck },
  abandoned: { tone: 'calm', icon: IconBan },
};

export function SessionBadge({ status }: { status: SessionStatus }) {
  return (
    <Pill {...looks[status]} data-testid="session-status" data-status={status}>
      {texts.sessionStatus[status]}
    </Pill>
  );
}
