import type { OpenSession } from '../../features/session/open-sessions.ts';
import { vehicleName } from '../../features/session/vehicle.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button, Buttons } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';

interface FoundSessionProps {
  readonly session: OpenSession;
  readonly onContinue: () => void;
  readonly onStartNew: () => void;
}

export function FoundSession({ session, onContinue, onStartNew }: FoundSessionProps) {
  const texts = useTexts();
  return (
    <Notice
      kind="warning"
      title={texts.setup.found(vehicleName(session.vehicle))}
      detail={texts.setup.foundDetail(session.taken, session.expected)}
      testID="found-session"
    >
      <Buttons>
        <Button kind="main" title={texts.setup.continue} onPress={onContinue} />
        <Button title={texts.setup.startNew} onPress={onStartNew} />
      </Buttons>
    </Notice>
  );
}
