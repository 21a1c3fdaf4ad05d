import { MantineProvider } from '@mantine/core';
import type { ComponentProps } from 'react';
import { PageState } from '../ui/page-state.tsx';
import { cssVariablesResolver, theme } from '../ui/theme.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

interface StandalonePageProps extends Pick<ComponentProps<typeof PageState>, 'icon' | 'body'> {
  readonly title: string;
  readonly reload: string;
}

/** Shown instead of the app if it cannot start. Its button loads the page again. */
export function StandalonePage({ icon, title, body, reload }: StandalonePageProps) {
  usePageTitle(title);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <main>
        <PageState
          icon={icon}
          title={title}
          body={body}
          action={{ label: reload, onClick: () => window.location.reload() }}
          level={1}
        />
      </main>
    </MantineProvider>
  );
}
