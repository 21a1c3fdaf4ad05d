/** The default page. */
export const home = '/sessions';

/** The page of the tab that signs in again for another tab. */
export const signInTabPath = '/sign-in-again';

/** @param channel the name under which the other tab waits */
export function signInTabAddress(channel: string, orgId: string): string {
  return `${signInTabPath}?${new URLSearchParams({ for: channel, org: orgId })}`;
}

/**
 * The page after the sign-in, from an untrusted address: a path of this origin, else `home`. `//host`, `/\host`, control
 * characters (which browsers drop) and other schemes lead to other origins, so this uses the URL parser. The pages of
 * `/login` are excluded, because they would cause a loop.
 */
export function safeReturnPath(wanted: string | null | undefined, origin: string): string {
  if (!wanted?.startsWith('/') || wanted.length > 2000) return home;
  let url: URL;
  try {
    url = new URL(wanted, origin);
  } catch {
    return home;
  }
  if (url.origin !== new URL(origin).origin || url.pathname.startsWith('//')) return home;
  if (url.pathname === '/login' || url.pathname.startsWith('/login/')) return home;
  return url.pathname + url.search + url.hash;
}

/** The address of the sign-in page that leads back to `path` afterwards. */
export function loginPath(path: string, why: 'expired' | 'signed_out_elsewhere' | null): string {
  const query = new URLSearchParams();
  if (path !== home && path !== '/') query.set('return_to', path);
  if (why) query.set('why', why);
  return query.size > 0 ? `/login?${query}` : '/login';
}
