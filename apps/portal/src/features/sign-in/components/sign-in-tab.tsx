import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { useApi, useIdentityState } from '../../../api/api-context.tsx';
import { texts } from '../../../ui/texts.ts';
import { startSignIn } from '../api/sign-in.ts';
import { signInTabAddress } from '../return-path.ts';
import { SignInFault } from './sign-in-fault.tsx';
import { SignInFrame } from './sign-in-frame.tsx';
import { SignInProgress } from './sign-in-progress.tsx';

/** Signs in for another tab, whose sign-in has expired, and closes itself. */
export function SignInTab() {
  const api = useApi();
  const { identity } = useIdentityState();
  const [query] = useSearchParams();
  const [channel, orgId] = [query.get('for') ?? '', query.get('org') ?? ''];
  const start = useQuery({
    queryKey: ['sign-in-again', channel],
    queryFn: () =>
      startSignIn(api, { returnTo: signInTabAddress(channel, orgId), prompt: null, orgId }).then(() => true),
    enabled: identity === null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  useEffect(() => {
    if (identity === null) return;
    // Only the tab that asked knows the name of the channel.
    const waiting = new BroadcastChannel(channel);
    waiting.postMessage(identity);
    waiting.close();
    window.close();
  }, [identity, channel]);
  if (identity)
    return (
      <SignInFrame title={texts.signIn.doneTitle}>
        <Text c="dimmed">{texts.signIn.doneBody}</Text>
      </SignInFrame>
    );
  if (start.isError)
    return (
      <SignInFrame title={texts.signIn.title}>
        <SignInFault error={start.error} />
        <Group>
          <Button loading={start.isFetching} onClick={() => void start.refetch()}>
            {texts.signIn.again}
          </Button>
        </Group>
      </SignInFrame>
    );
  return <SignInProgress />;
}
