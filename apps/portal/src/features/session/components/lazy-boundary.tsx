import { IconCloudOff } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { PageState } from '../../../ui/page-state.tsx';
import { texts } from '../../../ui/texts.ts';

interface LazyBoundaryProps {
  readonly title: string;
  readonly body: string;
  readonly children: ReactNode;
}

/** Wraps a part that is loaded on demand. If that fails, the rest of the page stays. Browsers retry only after a reload. */
export class LazyBoundary extends Component<LazyBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    const { title, body, children } = this.props;
    if (!this.state.failed) return children;
    return (
      <PageState
        icon={IconCloudOff}
        title={title}
        body={body}
        action={{ label: texts.crash.reload, onClick: () => window.location.reload() }}
        level={2}
        alert
      />
    );
  }
}
