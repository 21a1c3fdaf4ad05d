import { Button, CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import classes from './notice.module.css';

export interface Notice {
  readonly text: string;
  /** Undoes the action and shows its own notice. */
  readonly undo?: () => void;
  /** The action failed. */
  readonly failed?: boolean;
}

/** How long a notice is shown, in milliseconds: long enough to read it and to reach its button. */
const shownMs = 12_000;

const NoticeContext = createContext<((notice: Notice) => void) | null>(null);

/** Shows the last action at the edge of the screen and announces it to screen readers. */
export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<Notice | null>(null);
  const [held, setHeld] = useState(false);
  const dismiss = useCallback(() => {
    setNotice(null);
    setHeld(false);
  }, []);
  useEffect(() => {
    if (notice === null || held) return;
    const timer = setTimeout(dismiss, shownMs);
    return () => clearTimeout(timer);
  }, [notice, held, dismiss]);
  const leave = () => {
    dismiss();
    // The pressed button disappears with the notice.
    document.getElementById('content')?.focus({ preventScroll: true });
  };
  return (
    <NoticeContext value={setNotice}>
      {children}
      <div className={classes.place} role="status" data-testid="notice">
        {notice && (
          // biome-ignore lint/a11y/noStaticElementInteractions: pauses the timer while somebody is about to use its buttons
          <div
            className={classes.notice}
            onMouseEnter={() => setHeld(true)}
            onMouseLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
          >
            {notice.failed ? (
              <IconAlertTriangle className={classes.failed} size={20} aria-hidden="true" />
            ) : (
              <IconCircleCheck className={classes.icon} size={20} aria-hidden="true" />
            )}
            <span className={classes.text}>{notice.text}</span>
            {notice.undo && (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  leave();
                  notice.undo?.();
                }}
              >
                {adminTexts.undo}
              </Button>
            )}
            <CloseButton aria-label={adminTexts.dismiss} onClick={leave} />
          </div>
        )}
      </div>
    </NoticeContext>
  );
}

export function useNotice(): (notice: Notice) => void {
  const show = useContext(NoticeContext);
  if (!show) throw new Error('useNotice is used outside of NoticeProvider');
  return show;
}
