import { Group, Loader, Text } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import { SignInFrame } from './sign-in-frame.tsx';

/** Shown while a sign-in needs nothing from the person. */
export function SignInProgress() {
  return (
    <SignInFrame title={texts.signIn.working}>
      <Group role="status">
        <Loader size="sm" />
        <Text c="dimmed">{texts.loading}</Text>
      </Group>
    </SignInFrame>
  );
}
