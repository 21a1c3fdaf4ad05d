import './app/zod-without-eval.ts';
import { openWebOutbox } from '@spinbay/outbox/web';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import packageJson from '../package.json' with { type: 'json' };
import { App } from './app/app.tsx';
import { CrashBoundary } from './app/crash-boundary.tsx';
import { loadConfig } from './app/load-config.web.ts';
import { openServices } from './app/open-services.ts';
import { routes } from './app/routes.tsx';
import { StartFailed } from './app/start-failed.tsx';
import type { Services } from './features/services.tsx';
import { languageOf } from './features/settings/settings.ts';
import { webPlatform } from './platform/platform.web.tsx';

const root = createRoot(document.getElementById('root') as HTMLElement);

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
  const services = await openServices({
    platform: webPlatform,
    config: await loadConfig(),
    appVersion: packageJson.version,
    openOutbox: (client, auth) => openWebOutbox({ client, auth, databaseName: 'spinbay-outbox' }),
  });
  setLanguage(services);
  root.render(
    <CrashBoundary platform={webPlatform} onRestart={() => location.assign(document.baseURI)}>
      <App
        services={services}
        platform={webPlatform}
        router={createBrowserRouter(routes, { basename: new URL(document.baseURI).pathname })}
      />
    </CrashBoundary>,
  );
} catch (error) {
  console.error(error);
  root.render(<StartFailed error={error} platform={webPlatform} onRetry={() => location.reload()} />);
}
