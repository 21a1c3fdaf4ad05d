import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFocusBack } from '../use-focus-back.ts';

interface AskProps {
  readonly title: string;
  readonly confirm: string;
  readonly cancel: string;
  /** Whether the confirmed action is destructive. */
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question before an action. The focus is on the answer that changes nothing. */
export function Ask({ title, confirm, cancel, danger = false, onConfirm, onClose, children }: AskProps) {
  useFocusBack();
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      title={title}
      centered
      // The header of a page is a landmark, the header of a dialog is not.
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
