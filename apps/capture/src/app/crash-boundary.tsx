import { Component, type ReactNode } from 'react';
import type { Platform } from '../platform/platform.tsx';
import { StartFailed } from './start-failed.tsx';

interface CrashBoundaryProps {
  readonly platform: Platform;
  readonly children: ReactNode;
  /** Leads back to the first screen, because the one that failed may fail again. */
  readonly onRestart: () => void;
}

/** Replaces the blank page that an error of a screen would leave. The photos are safe on disk. */
export class CrashBoundary extends Component<CrashBoundaryProps, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { platform, children, onRestart } = this.props;
    const { error } = this.state;
    if (error === null) return children;
    const restart = () => {
      onRestart();
      this.setState({ error: null });
    };
    return <StartFailed crashed error={error} platform={platform} onRetry={restart} />;
  }
}
