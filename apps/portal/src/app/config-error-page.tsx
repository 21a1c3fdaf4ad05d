import { MantineProvider } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';
import { cssVariablesResolver, theme } from '../ui/theme.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

/** Shown instead of the app if its settings are missing. */
export function ConfigErrorPage({ reason }: { reason: string }) {
  usePageTitle(texts.config.title);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <main>
        <PageState
          icon={IconPlugConnectedX}
          title={texts.config.title}
          body={`${reason} ${texts.config.advice}`}
          action={{ label: texts.config.reload, onClick: () => window.location.reload() }}
          level={1}
        />
      </main>
    </MantineProvider>
  );
}
