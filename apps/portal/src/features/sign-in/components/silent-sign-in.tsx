import { Group, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { texts } from '../../../ui/texts.ts';
import { startSignIn } from '../api/sign-in.ts';
import { loginPath } from '../return-path.ts';
import { SignInFrame } from './sign-in-frame.tsx';

/** Sends the browser to the provider and back without a click; to the sign-in page where even that cannot begin. */
export function SilentSignIn({ returnTo }: { returnTo: string }) {
  const api = useApi();
  // A query and not an effect, which may run twice: each start leaves its state behind.
  const start = useQuery({
    queryKey: ['silent-sign-in', returnTo],
    queryFn: () => startSignIn(api, { returnTo, prompt: 'none' }).then(() => true),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (start.isError) return <Navigate to={loginPath(returnTo, null)} replace />;
  return (
    <SignInFrame title={texts.signIn.working}>
      <Group role="status">
        <Loader size="sm" />
        <Text c="dimmed">{texts.loading}</Text>
      </Group>
    </SignInFrame>
  );
}
