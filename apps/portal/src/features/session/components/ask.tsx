import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFocusBack } from '../use-focus-back.ts';

interface AskProps {
  readonly title: string;
  readonly confirm: string;
  readonly cancel: string;
  /** What is confirmed takes something away. */
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question before something is done. The focus is on the answer that changes nothing. */
export function Ask({ title, confirm, cancel, danger = false, onConfirm, onClose, children }: AskProps) {
  useFocusBack();
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      title={title}
      centered
      // A header of a page is a landmark, that of a dialog is none.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      zIndex={10_001}
      portalProps={{ reuseTargetNode: false }}
      closeButtonProps={{ 'aria-label': cancel }}
    >
      {children}
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {cancel}
        </Button>
        <Button
          {...(danger ? { color: 'red' } : {})}
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {confirm}
        </Button>
      </Group>
    </Modal>
  );
}
