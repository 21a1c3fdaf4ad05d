import type { LocalPhoto, LocalSession } from '@spinbay/outbox';
import { useEffect } from 'react';
import { Text, View } from 'react-native';
import { useNavigate } from 'react-router';
import { listedSessions } from '../features/outbox/listed-sessions.ts';
import { hasUnsentPhotos } from '../features/outbox/unsent-photos.ts';
import { stuckDetail, stuckWords } from '../features/outbox/upload-words.ts';
import { useOutboxState, useServices } from '../features/services.tsx';
import { vehicleName } from '../features/session/vehicle.ts';
import { usePlatform } from '../platform/platform.tsx';
import { useTexts } from '../texts/texts.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { gap, useTheme } from '../ui/theme.tsx';
import { QueuePhoto } from './parts/queue-photo.tsx';
import { SignedOutNotice } from './parts/signed-out-notice.tsx';

/** Shows which photos are on the server, which wait, and which are stuck and why. */
export function QueueScreen() {
  const { outbox, config } = useServices();
  const state = useOutboxState();
  const texts = useTexts();
  const platform = usePlatform();
  const theme = useTheme();
  const navigate = useNavigate();
  const photos = state.sessions.flatMap((session) => session.photos);
  const sent = photos.filter(({ upload }) => upload.state === 'processed').length;
  const waiting = state.items.filter(({ kind }) => kind !== 'events').length;
  const canRetry = state.items.some(({ upload }) => upload.state === 'stuck' && upload.reason !== 'other_org');
  const isSending = state.online && hasUnsentPhotos(state);
  // A phone that turns off its screen would pause the uploads.
  useEffect(() => (isSending ? platform.keepAwake() : undefined), [isSending, platform]);
  const left = [
    ...(state.seconds_left === undefined ? [] : [texts.queue.secondsLeft(state.seconds_left)]),
    ...(state.speed_bytes_per_s === undefined ? [] : [texts.queue.speed(Math.round(state.speed_bytes_per_s / 1000))]),
  ];
  return (
    <Screen title={texts.queue.title} back={{ label: texts.back, onPress: () => navigate(-1) }}>
      <SignedOutNotice />
      {!state.online && <Notice kind="warning" title={texts.queue.offline} testID="queue-offline" />}
      {state.online && !state.server_answers && waiting > 0 && (
        <Notice
          kind="warning"
          title={texts.queue.noAnswer}
          // An app cannot tell a server with an untrusted certificate from one that does not answer.
          detail={config.api_url.startsWith('https:') ? texts.enrol.notTrusted(config.api_url) : undefined}
          testID="no-answer"
        />
      )}
      <View style={{ gap: 8 }}>
        <Text testID="queue-counts" role="status" style={{ color: theme.text, fontSize: 20, fontWeight: '700' }}>
          {waiting === 0 ? texts.queue.empty : texts.queue.counts(sent, photos.length)}
        </Text>
        <Progress label={texts.queue.progress} value={bytesSent(photos)} />
        {left.length > 0 && waiting > 0 && <Text style={{ color: theme.dim, fontSize: 16 }}>{left.join(' · ')}</Text>}
      </View>
      {canRetry && <Button kind="main" title={texts.queue.retryAll} onPress={() => outbox.retry()} />}
      {waiting > 0 && (
        <Text style={{ color: theme.dim, fontSize: 16 }}>
          {platform.sendsInBackground ? texts.queue.background : texts.queue.paused}
        </Text>
      )}
      {listedSessions(state.sessions).map((session) => (
        <QueueSession key={session.id} session={session} />
      ))}
    </Screen>
  );
}

function QueueSession({ session }: { readonly session: LocalSession }) {
  const { outbox } = useServices();
  const theme = useTheme();
  const texts = useTexts();
  const labels = new Map((session.shot_list.stills ?? []).map(({ name, label }) => [name, label]));
  const navigate = useNavigate();
  const sent = session.photos.filter(({ upload }) => upload.state === 'processed').length;
  return (
    <View style={{ gap }} testID="queue-session">
      <Text role="heading" aria-level={2} style={{ color: theme.text, fontSize: 18, fontWeight: '700' }}>
        {`${texts.queue.session(vehicleName(session.vehicle))} · ${texts.capture.progress(sent, session.photos.length)}`}
      </Text>
      {session.stuck?.reason === 'other_org' && (
        <Notice
          kind="warning"
          title={texts.queue.otherOrg(session.org_id ?? '')}
          detail={texts.queue.otherOrgDetail}
          testID="other-org"
        >
          <Button title={texts.enrol.again} onPress={() => navigate('/enrol')} />
        </Notice>
      )}
      {session.stuck && session.stuck.reason !== 'other_org' && (
        <Notice kind="danger" title={stuckWords(session.stuck, texts)} detail={stuckDetail(session.stuck, texts)}>
          <Button title={texts.queue.retry} onPress={() => outbox.retry(session.id)} />
        </Notice>
      )}
      <View>
        {session.photos.map((photo) => (
          <QueuePhoto key={photo.image_id} photo={photo} label={labels.get(photo.shot_name ?? '') ?? null} />
        ))}
      </View>
    </View>
  );
}

/** Progress by bytes: a photo of 5 MB counts more than one of 1 MB. */
function bytesSent(photos: readonly LocalPhoto[]): number {
  const total = photos.reduce((sum, photo) => sum + photo.size_bytes, 0);
  const sent = photos.reduce((sum, { upload, size_bytes }) => {
    if (upload.state === 'processed' || upload.state === 'uploaded') return sum + size_bytes;
    return upload.state === 'sending' ? sum + (size_bytes * upload.sent_bytes) / Math.max(1, upload.total_bytes) : sum;
  }, 0);
  return total === 0 ? 1 : sent / total;
}

function Progress({ label, value }: { readonly label: string; readonly value: number }) {
  const theme = useTheme();
  const percent = Math.round(value * 100);
  return (
    <View
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      style={{
        height: 14,
        borderRadius: 7,
        overflow: 'hidden',
        backgroundColor: theme.surface,
        borderWidth: 1,
        borderColor: theme.border,
      }}
    >
      <View style={{ height: '100%', width: `${percent}%`, backgroundColor: theme.accent }} />
    </View>
  );
}
