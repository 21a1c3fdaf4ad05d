import { slotKey } from '@spinbay/contracts';
import type { LocalPhoto } from '@spinbay/outbox';
import { useState } from 'react';
import { Text, View } from 'react-native';
import { canSave } from '../../features/outbox/can-save.ts';
import { stuckDetail, uploadWords } from '../../features/outbox/upload-words.ts';
import { useOutboxState, useServices } from '../../features/services.tsx';
import { slotName } from '../../features/session/slot-name.ts';
import { type SaveOutcome, usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Button, Buttons } from '../../ui/button.tsx';
import { useTheme } from '../../ui/theme.tsx';

/**
 * A photo in the queue, with its state, the reason if it is stuck, and possible actions.
 * @param label the label of its shot
 */
export function QueuePhoto({ photo, label }: { readonly photo: LocalPhoto; readonly label: string | null }) {
  const { outbox } = useServices();
  const { signedOut, server_answers } = useOutboxState();
  const platform = usePlatform();
  const theme = useTheme();
  const texts = useTexts();
  const { upload } = photo;
  const name = slotName({ angleDeg: photo.angle_deg, shotName: photo.shot_name, label }, texts);
  const failed = upload.state === 'processed' && upload.verdict === 'failed';
  const color =
    upload.state === 'stuck'
      ? theme.danger
      : failed
        ? theme.warning
        : upload.state === 'processed'
          ? theme.good
          : theme.dim;
  const detail = upload.state === 'stuck' ? stuckDetail(upload, texts) : undefined;
  const mayRetry = upload.state === 'stuck' && upload.reason !== 'other_org';
  const maySave = canSave(photo, signedOut);
  const [outcome, setOutcome] = useState<SaveOutcome | { readonly state: 'missing_bytes' } | null>(null);
  const save = async () => {
    const original = await outbox.readOriginal(photo.image_id).catch(() => undefined);
    const fileName = `${slotKey(photo)}_${photo.image_id}.jpg`;
    setOutcome(original === undefined ? { state: 'missing_bytes' } : await platform.savePhoto(original, fileName));
  };
  return (
    <View testID="queue-photo" style={{ paddingVertical: 8, borderBottomWidth: 1, borderColor: theme.border, gap: 6 }}>
      <View style={{ flexDirection: 'row', justifyContent: 'space-between', gap: 12 }}>
        <Text style={{ color: theme.text, fontSize: 17, fontWeight: '600' }}>{name}</Text>
        <Text style={{ color, fontSize: 16, flexShrink: 1, textAlign: 'right' }}>
          {uploadWords(upload, server_answers, texts)}
        </Text>
      </View>
      {detail !== undefined && <Text style={{ color: theme.text, fontSize: 15 }}>{detail}</Text>}
      {(mayRetry || maySave) && (
        <Buttons>
          {mayRetry && <Button title={texts.queue.retry} onPress={() => outbox.retry(photo.image_id)} />}
          {maySave && <Button title={texts.queue.save} onPress={() => void save()} />}
        </Buttons>
      )}
      {outcome !== null && upload.state !== 'processed' && (
        <Text role="status" testID="save-outcome" style={{ color: theme.text, fontSize: 15 }}>
          {texts.queue.saveOutcome[outcome.state]}
          {outcome.state === 'failed' && ` (${outcome.reason})`}
        </Text>
      )}
    </View>
  );
}
