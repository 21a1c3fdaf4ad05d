import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';

/** Catches errors during rendering. One cause is a part of the app that a newer release has removed from the server. */
export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <main>
        <PageState
          icon={IconMoodSad}
          title={texts.crash.title}
          body={texts.crash.body}
          action={{ label: texts.crash.reload, onClick: () => window.location.reload() }}
          level={1}
        />
      </main>
    );
  }
}
