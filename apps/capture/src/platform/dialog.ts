import type { ComponentType, ReactNode } from 'react';

export interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Covers the screen. For a keyboard, the focus moves into it, stays there and returns when it closes; Escape closes it. */
export type Dialog = ComponentType<DialogProps>;
