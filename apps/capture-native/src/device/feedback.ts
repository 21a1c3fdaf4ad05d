import type { FeedbackKind } from '@spinbay/capture/platform/platform.tsx';
import type * as Haptics from 'expo-haptics';

export type HapticsModule = Pick<
  typeof Haptics,
  'impactAsync' | 'notificationAsync' | 'ImpactFeedbackStyle' | 'NotificationFeedbackType'
>;

/** Vibrates. The camera makes the sound of the shutter. Never throws, so that a phone without a motor can take photos. */
export function feedbackBy(haptics: HapticsModule): (kind: FeedbackKind) => void {
  return (kind) => {
    const done =
      kind === 'shutter'
        ? haptics.impactAsync(haptics.ImpactFeedbackStyle.Heavy)
        : haptics.notificationAsync(haptics.NotificationFeedbackType[kind === 'done' ? 'Success' : 'Warning']);
    done.catch(() => undefined);
  };
}
