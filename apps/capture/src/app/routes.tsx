import { Navigate, Outlet, type RouteObject, useLocation } from 'react-router';
import { useAuthState } from '../features/services.tsx';
import { CaptureScreen } from '../screens/capture-screen.tsx';
import { EnrolScreen } from '../screens/enrol-screen.tsx';
import { QueueScreen } from '../screens/queue-screen.tsx';
import { ReviewScreen } from '../screens/review-screen.tsx';
import { SettingsScreen } from '../screens/settings-screen.tsx';
import { SetupScreen } from '../screens/setup-screen.tsx';

/** Leads to the enrolment if the device was never enrolled, or after a scan. A revoked device still shows its photos. */
function EnrolledOnly() {
  const { status } = useAuthState();
  const { hash } = useLocation();
  const scanned = hash.includes('code=') || hash.includes('org_id=');
  return status === 'none' || scanned ? <Navigate to={`/enrol${hash}`} replace /> : <Outlet />;
}

/** Enrolment -> session setup -> capture -> review. The last three lead to the queue, and the setup also to the settings. */
export const routes: RouteObject[] = [
  { path: '/enrol', element: <EnrolScreen /> },
  {
    element: <EnrolledOnly />,
    children: [
      { path: '/', element: <SetupScreen /> },
      { path: '/sessions/:sessionId/capture', element: <CaptureScreen /> },
      { path: '/sessions/:sessionId/review', element: <ReviewScreen /> },
      { path: '/queue', element: <QueueScreen /> },
      { path: '/settings', element: <SettingsScreen /> },
      { path: '*', element: <Navigate to="/" replace /> },
    ],
  },
];
