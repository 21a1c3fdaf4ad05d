import { useEffect } from 'react';
import { type DataRouter, RouterProvider } from 'react-router';
import { hasUnsentPhotos } from '../features/outbox/unsent-photos.ts';
import { type Services, ServicesContext, useAuthState, useServices, useSettings } from '../features/services.tsx';
import { languageOf } from '../features/settings/settings.ts';
import { type Platform, PlatformContext, usePlatform } from '../platform/platform.tsx';
import { catalogue, TextsContext } from '../texts/texts.tsx';
import { ThemeProvider } from '../ui/theme.tsx';

interface AppProps {
  readonly services: Services;
  readonly platform: Platform;
  readonly router: DataRouter;
}

export function App({ services, platform, router }: AppProps) {
  return (
    <PlatformContext value={platform}>
      <ServicesContext value={services}>
        <ThemeProvider>
          <Localized router={router} />
        </ThemeProvider>
      </ServicesContext>
    </PlatformContext>
  );
}

const hour = 3_600_000;

function Localized({ router }: Pick<AppProps, 'router'>) {
  const platform = usePlatform();
  const { auth, sites, shotLists, qcRules, outbox } = useServices();
  const { language } = useSettings();
  const { status } = useAuthState();
  const orgId = auth.orgId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another organization has other sites, shot lists and rules
  useEffect(() => {
    if (status === 'none') return;
    // Without a network each of these fails. They run again when the network is back.
    const refresh = () => {
      auth.refreshIfDue().catch(() => undefined);
      sites.refresh().catch(() => undefined);
      shotLists.refresh().catch(() => undefined);
      qcRules.refresh().catch(() => undefined);
    };
    refresh();
    const timer = setInterval(refresh, hour);
    const stopListening = platform.onNetwork(refresh);
    return () => {
      clearInterval(timer);
      stopListening();
    };
  }, [status, orgId, auth, sites, shotLists, qcRules, platform]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: also after an enrolment in another organization
  useEffect(() => {
    // Photos that waited for a new enrolment continue automatically.
    if (status === 'enrolled') outbox.retry();
  }, [status, orgId, outbox]);

  useEffect(
    () =>
      platform.askBeforeLeaving(() => {
        const state = outbox.state();
        // Without a network nothing is sent anyway.
        return state.online && hasUnsentPhotos(state);
      }),
    [platform, outbox],
  );

  return (
    <TextsContext value={catalogue[languageOf(language, platform.language)]}>
      <RouterProvider router={router} />
    </TextsContext>
  );
}
