import { useMemo } from 'react';
import { useWindowDimensions, View } from 'react-native';
import { useSettings } from '../../features/services.tsx';
import { isTaken, type SessionSlot } from '../../features/session/session-slots.ts';
import { languageOf } from '../../features/settings/settings.ts';
import { usePlatform } from '../../platform/platform.tsx';
import type { SpinFrame } from '../../platform/spin-frame.ts';
import { useTexts } from '../../texts/texts.tsx';
import { radius } from '../../ui/theme.tsx';
import { reasonWords } from './reason-words.ts';
import { usePreviews } from './use-previews.ts';

interface ReviewSpinProps {
  readonly slots: readonly SessionSlot[];
  readonly turntable: 'clockwise' | 'counterclockwise';
}

/** The height of the title and the buttons of the screen. */
const aroundThePicture = 160;
const smallestViewer = 300;

/** The spin, from the previews on this device and, for other frames, the thumbnails of the server. */
export function ReviewSpin({ slots, turntable }: ReviewSpinProps) {
  const { views, language: system } = usePlatform();
  const { language } = useSettings();
  const { height } = useWindowDimensions();
  const texts = useTexts();
  const previews = usePreviews(slots.flatMap(({ photo }) => photo?.image_id ?? []));
  const frames = useMemo(
    () =>
      slots.map((slot): SpinFrame => {
        const local = slot.photo === null ? undefined : previews.get(slot.photo.image_id);
        const reasons = reasonWords(slot.photo?.qc ?? null, texts);
        return {
          angleDeg: slot.angleDeg ?? 0,
          id: slot.photo?.image_id ?? slot.remote?.imageId ?? null,
          url: local ?? slot.remote?.thumbUrl ?? null,
          qc: isTaken(slot) ? (slot.photo?.qc?.verdict ?? slot.remote?.verdict ?? 'pending') : 'missing',
          label: reasons === '' ? undefined : reasons,
        };
      }),
    [slots, previews, texts],
  );
  // On a phone in landscape the whole picture is visible at once.
  const maxWidth = Math.max(smallestViewer, ((height - aroundThePicture) * 4) / 3);
  return (
    <View style={{ borderRadius: radius, overflow: 'hidden', width: '100%', maxWidth, alignSelf: 'center' }}>
      <views.Spin
        frames={frames}
        turntable={turntable}
        language={languageOf(language, system)}
        label={texts.review.spin}
      />
    </View>
  );
}
