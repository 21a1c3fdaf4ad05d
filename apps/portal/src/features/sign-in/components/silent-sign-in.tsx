import { useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { startSignIn } from '../api/sign-in.ts';
import { loginPath } from '../return-path.ts';
import { SignInProgress } from './sign-in-progress.tsx';

/** Signs in at the provider without a click, or opens the sign-in page if that cannot start. */
export function SilentSignIn({ returnTo }: { returnTo: string }) {
  const api = useApi();
  // A query instead of an effect, which may run twice and store the state of two sign-ins.
  const start = useQuery({
    queryKey: ['silent-sign-in', returnTo],
    queryFn: () => startSignIn(api, { returnTo, prompt: 'none' }).then(() => true),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (start.isError) return <Navigate to={loginPath(returnTo, null)} replace />;
  return <SignInProgress />;
}
