/** Keeps the app on the device, so that it opens where there is no network. Photos and calls of the API are not its matter. */

const scope = self as unknown as ServiceWorkerGlobalScope;
const version = '__VERSION__';
/** The build puts the list of all files here, each relative to the app's address. */
const files = '__FILES__' as unknown as readonly string[];
const { pathname: home } = new URL(scope.registration.scope);
const config = `${home}config.json`;
const cacheName = `spinbay-capture-${version}`;

scope.addEventListener('install', (event) => {
  // `reload`: what the browser kept of an earlier version must not get into this one's cache.
  const all = [home, config, ...files.filter((file) => file !== 'index.html').map((file) => home + file)];
  const requests = all.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(requests)));
});

scope.addEventListener('activate', (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('spinbay-capture-') && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
    // The page that installed it is served by it from now on, so that one visit is enough.
    await scope.clients.claim();
  };
  event.waitUntil(tidy());
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // Other parts of an installation may have the same origin: API, photos, portal.
  if (request.method !== 'GET' || url.origin !== scope.location.origin || !url.pathname.startsWith(home)) return;
  if (url.pathname === config) event.respondWith(freshOrKept(request));
  else event.respondWith(kept(request.mode === 'navigate' ? home : request));
});

async function kept(request: Request | string): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** Addresses may change between two starts of an installation; without a network the last ones hold. */
async function freshOrKept(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(4000) });
    // A captive portal answers anything with a page.
    const isConfig = response.ok && response.headers.get('content-type')?.includes('application/json');
    if (!isConfig) throw new Error(`status ${response.status}`);
    await cache.put(config, response.clone());
    return response;
  } catch (error) {
    const last = await cache.match(config);
    if (last === undefined) throw error;
    return last;
  }
}
