import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { faultWords } from '../../../api/faults.ts';
import { texts } from '../../../ui/texts.ts';

/** Why a sign-in failed. `SignInFailed` already has a message for people. */
export function SignInFault({ error }: { error: unknown }) {
  const own = error instanceof Error && error.name === 'SignInFailed';
  const { title, body } = own ? { title: texts.signIn.failed, body: error.message } : faultWords(error);
  return (
    <Alert icon={<IconAlertTriangle />} color="red" variant="light" title={title} role="alert">
      {body}
    </Alert>
  );
}
