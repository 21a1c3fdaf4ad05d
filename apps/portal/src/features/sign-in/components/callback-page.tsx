import { Button, Group } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { texts } from '../../../ui/texts.ts';
import { finishSignIn, finishSignInKey, startSignIn } from '../api/sign-in.ts';
import { home, loginPath } from '../return-path.ts';
import { OrganizationChoice } from './organization-choice.tsx';
import { SignInFault } from './sign-in-fault.tsx';
import { SignInFrame } from './sign-in-frame.tsx';
import { SignInProgress } from './sign-in-progress.tsx';

/** The page to which the provider redirects the browser. */
export function CallbackPage() {
  const api = useApi();
  const url = window.location.href;
  // A query instead of an effect, which may run twice, while the code can be used only once.
  const finish = useQuery({
    queryKey: [finishSignInKey, url],
    queryFn: () => finishSignIn(api, url),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const again = useMutation({ mutationFn: () => startSignIn(api, { returnTo: home, prompt: 'login' }) });
  if (finish.isSuccess) {
    const { choice, returnTo, mustAsk } = finish.data;
    if (mustAsk) return <Navigate to={loginPath(returnTo, null)} replace />;
    return choice ? <OrganizationChoice proof={choice} returnTo={returnTo} /> : <Navigate to={returnTo} replace />;
  }
  if (finish.isPending) {
    return <SignInProgress />;
  }
  return (
    <SignInFrame title={texts.signIn.title}>
      <SignInFault error={again.error ?? finish.error} />
      <Group>
        <Button component="a" href="/login">
          {texts.signIn.again}
        </Button>
        <Button variant="default" loading={again.isPending || again.isSuccess} onClick={() => again.mutate()}>
          {texts.signIn.otherAccount}
        </Button>
      </Group>
    </SignInFrame>
  );
}
