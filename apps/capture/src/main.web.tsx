import './app/zod-without-eval.ts';
import { createClient } from '@spinbay/client';
import { openWebOutbox } from '@spinbay/outbox/web';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import packageJson from '../package.json' with { type: 'json' };
import { App } from './app/app.tsx';
import { CrashBoundary } from './app/crash-boundary.tsx';
import { loadConfig } from './app/load-config.ts';
import { routes } from './app/routes.tsx';
import { StartFailed } from './app/start-failed.tsx';
import { authorizedClient } from './features/auth/authorized-client.ts';
import { DeviceAuth } from './features/auth/device-auth.ts';
import { reportConnection } from './features/outbox/report-connection.ts';
import type { Services } from './features/services.tsx';
import { SiteList } from './features/session/site-list.ts';
import { languageOf, SettingsStore } from './features/settings/settings.ts';
import { webPlatform } from './platform/platform.web.tsx';

const root = createRoot(document.getElementById('root') as HTMLElement);

async function openServices(): Promise<Services> {
  const config = await loadConfig();
  const { store } = webPlatform;
  const settings = await SettingsStore.open(store);
  const auth = await DeviceAuth.open({
    platform: webPlatform,
    api: config.api_url,
    orgId: config.org_id,
    appVersion: packageJson.version,
  });
  const client = createClient({ baseUrl: config.api_url, token: () => auth.token() });
  const ownClient = authorizedClient(client, auth);
  const outbox = await openWebOutbox({ client, auth, databaseName: 'spinbay-outbox' });
  const { keepOriginals, originalsOnMetered } = settings.get();
  await outbox.settings({ keepOriginals, originalsOnMetered });
  outbox.start();
  // The event is written in the background: nothing on the screen waits for it.
  void reportConnection(outbox, auth, webPlatform, packageJson.version);
  const sites = await SiteList.open(store, ownClient);
  return { config, auth, client: ownClient, outbox, settings, sites, appVersion: packageJson.version };
}

function setLanguage(services: Services): void {
  const update = () => {
    document.documentElement.lang = languageOf(services.settings.get().language, webPlatform.language);
  };
  update();
  services.settings.subscribe(update);
}

if ('serviceWorker' in navigator) {
  // Without a service worker the app works as long as there is a network.
  navigator.serviceWorker
    .register(new URL('service-worker.js', document.baseURI))
    .catch((error: unknown) => console.warn(error));
}
try {
  const services = await openServices();
  setLanguage(services);
  root.render(
    <CrashBoundary>
      <App
        services={services}
        platform={webPlatform}
        router={createBrowserRouter(routes, { basename: new URL(document.baseURI).pathname })}
      />
    </CrashBoundary>,
  );
} catch (error) {
  console.error(error);
  root.render(<StartFailed error={error} language={languageOf('system', webPlatform.language)} />);
}
