import { lazy, Suspense, useEffect } from 'react';
import { Navigate, Outlet, Route, Routes, useLocation, useNavigationType } from 'react-router';
import { useApi, useIdentity, useIdentityState } from '../api/api-context.tsx';
import { CallbackPage } from '../features/sign-in/components/callback-page.tsx';
import { LoginPage } from '../features/sign-in/components/login-page.tsx';
import { SignInAgain } from '../features/sign-in/components/sign-in-again.tsx';
import { SignInTab } from '../features/sign-in/components/sign-in-tab.tsx';
import { SilentSignIn } from '../features/sign-in/components/silent-sign-in.tsx';
import { home, loginPath, signInTabPath } from '../features/sign-in/return-path.ts';
import { isReturn } from '../ui/list-address.ts';
import { ForbiddenPage } from './forbidden-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { Shell } from './shell.tsx';

const SessionsPage = lazy(() => import('../features/sessions/components/sessions-page.tsx'));
const PromisePage = lazy(() => import('../features/promise/components/promise-page.tsx'));
const AdminPage = lazy(() => import('../features/admin/components/admin-page.tsx'));
const SessionPage = lazy(() => import('../features/session/components/session-page.tsx'));

export function AppRoutes() {
  return (
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/login/callback" element={<CallbackPage />} />
      <Route path={signInTabPath} element={<SignInTab />} />
      <Route element={<SignedInOnly />}>
        <Route path="/" element={<Navigate to={home} replace />} />
        <Route path="/sessions" element={<SessionsPage />} />
        <Route path="/sessions/:id" element={<SessionPage />} />
        <Route path="/promise" element={<PromisePage />} />
        <Route path="/admin" element={<AdminsOnly />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

/** Redirects to the sign-in and then back to the requested page. */
function SignedInOnly() {
  const { ended, waiting } = useIdentityState();
  const identity = useIdentity();
  const { identity: store } = useApi();
  const { pathname, search, hash, state } = useLocation();
  useTopOfNewPage(`${identity?.user.org_id} ${pathname}`, isReturn(state));
  if (!identity) {
    // After a sign-out, the next person at this screen should not return to the page.
    const asked = ended === 'signed_out' || ended === 'signed_out_elsewhere' ? home : pathname + search + hash;
    if (store.maySignInSilently()) return <SilentSignIn returnTo={asked} />;
    return <Navigate to={loginPath(asked, ended === 'signed_out' ? null : ended)} replace />;
  }
  return (
    <Shell key={`${identity.user.org_id} ${identity.user.id}`} identity={identity}>
      <Suspense>
        <Outlet />
      </Suspense>
      {waiting && <SignInAgain orgId={waiting.user.org_id} />}
    </Shell>
  );
}

/** The server checks the role on every request. This only avoids a page full of errors. */
function AdminsOnly() {
  return useIdentity()?.user.role === 'admin' ? <AdminPage /> : <ForbiddenPage />;
}

/** A link opens the top of its page. Back and forward keep the scroll position. */
function useTopOfNewPage(page: string, returns: boolean): void {
  const how = useNavigationType();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the page changes, not when `returns` does
  useEffect(() => {
    if (how !== 'PUSH') return;
    if (!returns) window.scrollTo(0, 0);
    // The focused link is gone. Without this, a screen reader would not announce the new page.
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [page]);
}
