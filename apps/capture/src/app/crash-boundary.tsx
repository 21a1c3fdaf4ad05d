import { Component, type ReactNode } from 'react';
import { StartFailed } from './start-failed.tsx';

/** An error of a screen must not look like lost photos: they are on disk, and the app can be reopened. */
export class CrashBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <StartFailed error={this.state.error} language="en" />;
  }
}
