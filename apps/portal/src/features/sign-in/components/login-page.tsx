import { Alert, Button, Text } from '@mantine/core';
import { IconInfoCircle, IconLogin2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Navigate, useSearchParams } from 'react-router';
import { useApi, useIdentityState } from '../../../api/api-context.tsx';
import { texts } from '../../../ui/texts.ts';
import { startSignIn } from '../api/sign-in.ts';
import { home, safeReturnPath } from '../return-path.ts';
import { SignInFault } from './sign-in-fault.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

export function LoginPage() {
  const api = useApi();
  const { identity } = useIdentityState();
  const [query] = useSearchParams();
  const returnTo = safeReturnPath(query.get('return_to'), window.location.origin);
  const why = query.get('why');
  const notice = why === 'expired' || why === 'signed_out_elsewhere' ? texts.signIn[why] : null;
  const start = useMutation({ mutationFn: () => startSignIn(api, { returnTo, prompt: null }) });
  if (identity) return <Navigate to={returnTo} replace />;
  return (
    <SignInFrame title={texts.signIn.title}>
      <Text c="dimmed">{texts.signIn.lead}</Text>
      {notice !== null && (
        <Alert icon={<IconInfoCircle />} variant="light" role="status">
          {notice}
        </Alert>
      )}
      {start.isError && <SignInFault error={start.error} />}
      <Button
        size="md"
        leftSection={<IconLogin2 size={20} aria-hidden="true" />}
        // Stays busy after success, because the browser is navigating to the provider.
        loading={start.isPending || start.isSuccess}
        onClick={() => start.mutate()}
      >
        {texts.signIn.button}
      </Button>
      {returnTo !== home && notice === null && (
        <Text size="sm" c="dimmed">
          {texts.signIn.returnHint}
        </Text>
      )}
    </SignInFrame>
  );
}
