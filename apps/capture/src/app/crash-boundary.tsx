import { Component, type ReactNode } from 'react';
import type { Platform } from '../platform/platform.tsx';
import { StartFailed } from './start-failed.tsx';

interface CrashBoundaryProps {
  readonly platform: Platform;
  readonly children: ReactNode;
}

/** Replaces the blank page that an error of a screen would leave. The photos are safe on disk. */
export class CrashBoundary extends Component<CrashBoundaryProps, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { platform, children } = this.props;
    return this.state.error === null ? children : <StartFailed error={this.state.error} platform={platform} />;
  }
}
