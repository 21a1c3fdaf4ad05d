/** Caches the app on the device, so that it opens without a network. It does not handle photos or API calls. */

const scope = self as unknown as ServiceWorkerGlobalScope;
const version = '__VERSION__';
/** The build inserts the list of all files here, relative to the address of the app. */
const files = '__FILES__' as unknown as readonly string[];
const { pathname: home } = new URL(scope.registration.scope);
const config = `${home}config.json`;
const cacheName = `spinbay-capture-${version}`;

scope.addEventListener('install', (event) => {
  // `reload`: the cache must not get files of an earlier version from the browser's HTTP cache.
  const all = [home, config, ...files.filter((file) => file !== 'index.html').map((file) => home + file)];
  const requests = all.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(requests)));
});

scope.addEventListener('activate', (event) => {
  const replaceOldVersion = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('spinbay-capture-') && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
    // Takes control of the page that installed it, so that one visit is enough.
    await scope.clients.claim();
  };
  event.waitUntil(replaceOldVersion());
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // Other services of an installation may have the same origin: API, photos, portal.
  if (request.method !== 'GET' || url.origin !== scope.location.origin || !url.pathname.startsWith(home)) return;
  if (url.pathname === config) event.respondWith(networkFirst(request));
  else event.respondWith(cacheFirst(request.mode === 'navigate' ? home : request));
});

async function cacheFirst(request: Request | string): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** The addresses in the configuration may change when the installation restarts. Without a network, uses the cached ones. */
async function networkFirst(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(4000) });
    // A captive portal answers every request with a page.
    const isConfig = response.ok && response.headers.get('content-type')?.includes('application/json');
    if (!isConfig) throw new Error(`status ${response.status}`);
    await cache.put(config, response.clone());
    return response;
  } catch (error) {
    const cached = await cache.match(config);
    if (cached === undefined) throw error;
    return cached;
  }
}
