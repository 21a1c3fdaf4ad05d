import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';

/**
 * Catches errors during rendering. For example, a newer release may have removed a part of the app from the server. When the
 * address changes, the page is rendered again.
 */
export function CrashBoundary({ children }: { children: ReactNode }) {
  const { key } = useLocation();
  return <Boundary place={key}>{children}</Boundary>;
}

class Boundary extends Component<{ place: string; children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override componentDidUpdate({ place }: { place: string }): void {
    if (this.state.crashed && place !== this.props.place) this.setState({ crashed: false });
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
