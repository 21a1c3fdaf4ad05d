import type { DialogProps } from '@spinbay/capture/platform/dialog.ts';
import { View } from 'react-native';

export function NativeDialog({ label, children }: DialogProps) {
  return (
    <View
      role="dialog"
      aria-modal
      aria-label={label}
      style={{ position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 }}
    >
      {children}
    </View>
  );
}
