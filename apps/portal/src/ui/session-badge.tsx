import { lookUp, type SessionStatus } from '@spinbay/contracts';
import { type Icon, IconBan, IconCheck, IconLivePhoto, IconQuestionMark } from '@tabler/icons-react';
import { Pill, type Tone } from './pill.tsx';
import { texts } from './texts.ts';

type Look = { readonly tone: Tone; readonly icon: Icon };
const looks: Record<SessionStatus, Look> = {
  active: { tone: 'live', icon: IconLivePhoto },
  completed: { tone: 'pass', icon: IconCheck },
  abandoned: { tone: 'calm', icon: IconBan },
};

/** For an unknown state of a later server. */
const unknownLook: Look = { tone: 'calm', icon: IconQuestionMark };

export function SessionBadge({ status }: { status: SessionStatus }) {
  return (
    <Pill {...lookUp(looks, status, unknownLook)} data-testid="session-status" data-status={status}>
      {lookUp<string>(texts.sessionStatus, status, status)}
    </Pill>
  );
}
