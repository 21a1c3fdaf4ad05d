import type { LocalSession } from '@spinbay/outbox';
import { useState } from 'react';
import { Text, View } from 'react-native';
import { Navigate, useNavigate, useParams } from 'react-router';
import { type StorageFault, storageFaultOf } from '../features/outbox/storage-fault.ts';
import { useOutboxState, useServices } from '../features/services.tsx';
import { useRemoteFrames } from '../features/session/remote-frames.ts';
import { isTaken, slotsOfSession } from '../features/session/session-slots.ts';
import { slotName } from '../features/session/slot-name.ts';
import { vehicleName } from '../features/session/vehicle.ts';
import { usePlatform } from '../platform/platform.tsx';
import { useTexts } from '../texts/texts.tsx';
import { Button, Buttons } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { useTheme } from '../ui/theme.tsx';
import { QueueButton } from './parts/queue-button.tsx';
import { reasonWords } from './parts/reason-words.ts';
import { ReviewSpin } from './parts/review-spin.tsx';
import { ReviewStills } from './parts/review-stills.tsx';

export function ReviewScreen() {
  const { sessionId } = useParams();
  const { sessions } = useOutboxState();
  const session = sessions.find(({ id }) => id === sessionId);
  return session === undefined ? <Navigate to="/" replace /> : <Review key={session.id} session={session} />;
}

/** The last check before the car leaves. */
function Review({ session }: { readonly session: LocalSession }) {
  const { client, outbox } = useServices();
  const texts = useTexts();
  const { sendsInBackground } = usePlatform();
  const theme = useTheme();
  const navigate = useNavigate();
  const remote = useRemoteFrames(client, session.id, session.announced);
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<StorageFault | null>(null);
  const slots = slotsOfSession(session, remote);
  const gaps = slots.filter((slot) => slot.required && !isTaken(slot));
  const warned = slots.filter((slot) => (slot.photo?.qc?.reasons.length ?? 0) > 0);

  const end = async (status: 'completed' | 'abandoned') => {
    setFault(null);
    try {
      await outbox.endSession({ session_id: session.id, status, at: new Date().toISOString() });
    } catch (error) {
      setFault(storageFaultOf(error));
      return;
    }
    navigate('/', { replace: true });
  };
  const toCamera = () => navigate(`/sessions/${session.id}/capture`);
  return (
    <Screen
      title={texts.review.title}
      back={{ label: texts.review.backToCamera, onPress: toCamera }}
      actions={<QueueButton />}
      footer={
        <Buttons>
          <Button
            kind={gaps.length === 0 ? 'main' : 'plain'}
            title={gaps.length === 0 ? texts.review.finish : texts.review.finishAnyway}
            onPress={() => void end('completed')}
            testID="finish"
          />
          {gaps.length > 0 && <Button kind="main" title={texts.review.goBack} onPress={toCamera} />}
        </Buttons>
      }
    >
      <Text style={{ color: theme.text, fontSize: 18, fontWeight: '600' }}>{vehicleName(session.vehicle)}</Text>
      {session.mode === 'studio360' ? (
        <ReviewSpin slots={slots} turntable={session.turntable ?? 'clockwise'} />
      ) : (
        <ReviewStills slots={slots} />
      )}
      {fault !== null && (
        <Notice
          kind="danger"
          title={fault === 'storage_full' ? texts.storageFull : texts.review.notStored}
          testID="not-ended"
        />
      )}
      {gaps.length === 0 ? (
        <Notice kind="info" title={texts.review.complete} testID="complete" />
      ) : (
        <Notice
          kind="warning"
          title={texts.review.gaps(gaps.length)}
          detail={gaps.map((slot) => slotName(slot, texts)).join(', ')}
          testID="gaps"
        />
      )}
      {warned.length > 0 && (
        <Notice
          kind="warning"
          title={texts.review.warned(warned.length)}
          detail={warned
            .map((slot) => `${slotName(slot, texts)}: ${reasonWords(slot.photo?.qc ?? null, texts)}`)
            .join('\n')}
        />
      )}
      {asking ? (
        <Notice kind="danger" title={texts.review.abandonSure}>
          <Buttons>
            <Button kind="danger" title={texts.review.abandonYes} onPress={() => void end('abandoned')} />
            <Button title={texts.cancel} onPress={() => setAsking(false)} />
          </Buttons>
        </Notice>
      ) : (
        <View style={{ alignItems: 'flex-start' }}>
          <Button kind="quiet" title={texts.review.abandon} onPress={() => setAsking(true)} />
        </View>
      )}
      <Text style={{ color: theme.dim, fontSize: 15 }}>
        {sendsInBackground ? texts.queue.background : texts.queue.paused}
      </Text>
    </Screen>
  );
}
