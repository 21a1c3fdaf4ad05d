import type { DialogProps } from '@spinbay/capture/platform/dialog.ts';
import { useEffect } from 'react';
import { BackHandler, View } from 'react-native';

export function NativeDialog({ label, onClose, children }: DialogProps) {
  // The system asks the last listener first, so the Back button does not also leave the screen below.
  useEffect(() => {
    const back = BackHandler.addEventListener('hardwareBackPress', () => {
      onClose();
      return true;
    });
    return () => back.remove();
  }, [onClose]);
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
