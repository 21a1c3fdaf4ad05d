import { View } from 'react-native';
import type { QcReason } from '../../features/camera/judge-photo.ts';
import type { Shooting } from '../../features/camera/use-shooting.ts';
import type { SessionSlot } from '../../features/session/session-slots.ts';
import { slotName } from '../../features/session/slot-name.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button, Buttons } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ThemeProvider } from '../../ui/theme.tsx';

interface ShootingNoticesProps {
  readonly shooting: Shooting;
  readonly slots: readonly SessionSlot[];
  readonly onRestartCamera: () => void;
}

/** What the operator should know about the last photos. Shown next to the shutter, never over it. */
export function ShootingNotices({ shooting, slots, onRestartCamera }: ShootingNoticesProps) {
  const texts = useTexts();
  const { notice } = shooting;
  const slot = slots.find(({ key }) => key === notice?.slot);
  if (notice === null || slot === undefined) return null;
  const name = slotName(slot, texts);
  return (
    <ThemeProvider>
      <View style={{ padding: 12, width: '100%', maxWidth: 560, alignSelf: 'center' }}>{body()}</View>
    </ThemeProvider>
  );

  function body() {
    if (notice?.kind === 'qc') {
      const reasons = notice.qc.reasons.map((reason) => texts.capture.qc[reason as QcReason]).join(', ');
      return (
        <Notice kind="warning" title={texts.capture.qcTitle(name, reasons)} testID="qc-notice">
          <Buttons>
            <Button
              kind="main"
              title={texts.capture.shootAgain}
              onPress={() => {
                shooting.dismiss();
                shooting.select(notice.slot);
              }}
            />
            <Button title={texts.capture.keepShooting} onPress={shooting.dismiss} />
          </Buttons>
        </Notice>
      );
    }
    if (notice?.kind === 'not_saved') {
      const detail = notice.full ? texts.capture.notSavedFull : texts.capture.notSavedOther;
      return (
        <Notice kind="danger" title={texts.capture.notSaved(name)} detail={detail} testID="not-saved">
          <Button title={texts.close} onPress={shooting.dismiss} />
        </Notice>
      );
    }
    if (notice?.kind === 'no_photo') {
      return (
        <Notice
          kind="danger"
          title={texts.capture.noPhoto(name)}
          detail={texts.capture.noPhotoDetail}
          testID="no-photo"
        >
          <Buttons>
            <Button kind="main" title={texts.capture.restartCamera} onPress={onRestartCamera} />
            <Button title={texts.close} onPress={shooting.dismiss} />
          </Buttons>
        </Notice>
      );
    }
    if (notice?.kind === 'undo_failed') return <Notice kind="danger" title={texts.capture.undoFailed(name)} />;
    const words = notice?.kind === 'undone' ? texts.capture.undone(name) : texts.capture.undoSent(name);
    return <Notice kind="info" title={words} testID="undone" />;
  }
}
