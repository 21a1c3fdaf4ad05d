import { useLayoutEffect } from 'react';
import { Modal } from 'react-native';
import type { DialogProps } from './dialog.ts';

export function WebDialog({ label, onClose, children }: DialogProps) {
  // Runs before the effect in which `Modal` remembers the focused element. After a tap no button gets the focus back,
  // because the Space key of a remote shutter would press it again.
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
