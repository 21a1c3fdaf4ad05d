import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { useFocusOnFault } from '../../../ui/use-focus-on-fault.ts';
import type { FormFaults } from '../form-faults.ts';
import classes from './admin.module.css';
import { BusyButton } from './busy-button.tsx';

interface DialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly onClose: () => void;
  /** A click outside does not close the dialog, because its content would be lost. */
  readonly sticky?: boolean;
  readonly children: ReactNode;
}

/** A dialog, full-screen on phones. The focus returns to the button that opened it. */
export function Dialog({ opened, title, onClose, sticky = false, children }: DialogProps) {
  const narrow = useMediaQuery('(max-width: 40em)', undefined, { getInitialValueInEffect: false });
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size="lg"
      fullScreen={narrow}
      closeOnClickOutside={!sticky}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content className={classes.dialog}>
        {/* To screen readers, a header outside a section would be a second banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={adminTexts.close} />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface DialogFormProps {
  /** A new object for each refusal, so that the focus moves to the fault again. */
  readonly faults: FormFaults<string>;
  readonly submit: string;
  readonly busy: boolean;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}

/** The fields of a dialog with its two buttons. After a refusal the focus is on the first field with a fault. */
export function DialogForm({ faults, submit, busy, onSubmit, onCancel, children }: DialogFormProps) {
  const form = useFocusOnFault(faults);
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSubmit();
      }}
    >
      <Stack gap="md">
        {faults.form !== null && <FaultAlert title={adminTexts.faults.not_saved} body={faults.form} />}
        {children}
        <Group justify="flex-end" gap="sm" mt="xs">
          <Button variant="default" onClick={onCancel}>
            {adminTexts.cancel}
          </Button>
          <BusyButton type="submit" busy={busy}>
            {submit}
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

/** Why a change failed, if no field is the cause. */
export function FaultAlert({ title, body }: { title: string; body: string }) {
  return (
    <Alert icon={<IconAlertTriangle />} color="red" variant="light" title={title} role="alert" mb="sm">
      {body}
    </Alert>
  );
}
