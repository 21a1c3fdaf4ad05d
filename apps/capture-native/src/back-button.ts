import type { AuthState } from '@spinbay/capture/features/auth/device-auth.ts';
import type { DataRouter } from 'react-router';

/**
 * Handles the Back button of Android.
 * @param auth null until the app has started
 * @returns false on the first screen, where the system leaves the app
 */
export function goBack(router: DataRouter, auth: AuthState | null): boolean {
  const { pathname } = router.state.location;
  // A device that is not enrolled starts on the enrolment, and no other screen is before it.
  const isEnrolled = auth !== null && auth.status !== 'none';
  if (pathname === '/' || !isEnrolled) return false;
  void router.navigate(-1);
  return true;
}
