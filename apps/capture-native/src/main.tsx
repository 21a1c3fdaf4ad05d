import { App } from '@spinbay/capture/app/app.tsx';
import { CrashBoundary } from '@spinbay/capture/app/crash-boundary.tsx';
import { routes } from '@spinbay/capture/app/routes.tsx';
import { StartFailed } from '@spinbay/capture/app/start-failed.tsx';
import { getLocales } from 'expo-localization';
import { useCallback, useEffect, useState } from 'react';
import { ActivityIndicator, BackHandler, Linking, StatusBar, View } from 'react-native';
import { SafeAreaProvider, SafeAreaView } from 'react-native-safe-area-context';
import { createMemoryRouter } from 'react-router';
import { goBack } from './back-button';
import { registerBackgroundTask } from './background-task';
import { routeOfLink } from './enrol-link';
import { type OpenedApp, openApp } from './open-app';
import { isStorageFault } from './storage/database';

type Start =
  | { readonly state: 'opening' }
  | { readonly state: 'open'; readonly app: OpenedApp }
  | { readonly state: 'failed'; readonly error: unknown };

export function Main() {
  const [start, setStart] = useState<Start>({ state: 'opening' });
  const [router] = useState(() => createMemoryRouter(routes));

  const open = useCallback(() => {
    setStart({ state: 'opening' });
    openApp().then(
      (app) => {
        setStart({ state: 'open', app });
        void registerBackgroundTask();
      },
      (error: unknown) => setStart({ state: 'failed', error }),
    );
  }, []);
  useEffect(open, [open]);

  useEffect(() => {
    const follow = (link: string | null) => {
      const route = link === null ? null : routeOfLink(link);
      if (route !== null) void router.navigate(route);
    };
    void Linking.getInitialURL().then(follow);
    const links = Linking.addEventListener('url', ({ url }) => follow(url));
    return () => links.remove();
  }, [router]);

  useEffect(() => {
    const auth = () => (start.state === 'open' ? start.app.services.auth.state() : null);
    const back = BackHandler.addEventListener('hardwareBackPress', () => goBack(router, auth()));
    return () => back.remove();
  }, [router, start]);

  return (
    <SafeAreaProvider>
      <StatusBar />
      <SafeAreaView style={{ flex: 1 }}>
        <Content start={start} router={router} onRetry={open} />
      </SafeAreaView>
    </SafeAreaProvider>
  );
}

interface ContentProps {
  readonly start: Start;
  readonly router: ReturnType<typeof createMemoryRouter>;
  readonly onRetry: () => void;
}

function Content({ start, router, onRetry }: ContentProps) {
  if (start.state === 'opening')
    return (
      <View style={{ flex: 1, alignItems: 'center', justifyContent: 'center' }}>
        <ActivityIndicator size="large" />
      </View>
    );
  if (start.state === 'failed') {
    const language = getLocales()[0]?.languageTag ?? 'en';
    return <StartFailed error={start.error} platform={{ language, isStorageFault }} onRetry={onRetry} />;
  }
  const { platform, services } = start.app;
  return (
    <CrashBoundary platform={platform} onRestart={() => void router.navigate('/')}>
      <App platform={platform} services={services} router={router} />
    </CrashBoundary>
  );
}
