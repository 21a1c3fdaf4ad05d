import { MantineProvider } from '@mantine/core';
import { IconCookieOff } from '@tabler/icons-react';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';
import { cssVariablesResolver, theme } from '../ui/theme.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

/** Shown instead of the app if the browser blocks storage. */
export function StorageBlockedPage() {
  usePageTitle(texts.storage.title);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <main>
        <PageState
          icon={IconCookieOff}
          title={texts.storage.title}
          body={texts.storage.body}
          action={{ label: texts.crash.reload, onClick: () => window.location.reload() }}
          level={1}
        />
      </main>
    </MantineProvider>
  );
}
