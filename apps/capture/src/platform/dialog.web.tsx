import { Modal } from 'react-native';
import type { DialogProps } from './dialog.ts';

export function WebDialog({ label, onClose, children }: DialogProps) {
  return (
    <Modal visible animationType="none" onRequestClose={onClose} aria-label={label}>
      {children}
    </Modal>
  );
}
