import { useLayoutEffect } from 'react';
import { Modal } from 'react-native';
import type { DialogProps } from './dialog.ts';

export function WebDialog({ label, onClose, children }: DialogProps) {
  // Before the effect of `Modal` that remembers where the focus returns to. After a tap it returns to no button, because
  // the Space key of a remote shutter would press that button again.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    if (opener instanceof HTMLElement && !opener.matches(':focus-visible')) opener.blur();
  }, []);
  return (
    <Modal visible animationType="none" onRequestClose={onClose} aria-label={label}>
      {children}
    </Modal>
  );
}
