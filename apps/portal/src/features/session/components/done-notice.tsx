import { ActionIcon, Button, Portal, VisuallyHidden } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { reviewTexts } from '../../../ui/review-texts.ts';
import type { Done } from '../api/use-publishing.ts';
import classes from './publish.module.css';

const shownMs = 8000;

interface DoneNoticeProps {
  readonly done: Done | null;
  /** Whether it is over the large picture. */
  readonly above: boolean;
  readonly onUndo: (done: Done) => void;
  readonly onDismiss: () => void;
}

/**
 * The last action with an undo button. It disappears automatically, but not while the mouse or the focus is on it. Each
 * frame still has its own undo.
 */
export function DoneNotice({ done, ...props }: DoneNoticeProps) {
  return (
    <Portal reuseTargetNode={false}>
      <VisuallyHidden role="status" data-testid="done-spoken">
        {done?.text}
      </VisuallyHidden>
      {done && <Notice done={done} {...props} />}
    </Portal>
  );
}

/** Has its own state, because an element that is removed under the mouse reports neither a mouse leave nor a blur. */
function Notice({ done, above, onUndo, onDismiss }: DoneNoticeProps & { readonly done: Done }) {
  const [held, setHeld] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new action in the same notice starts the time again
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(onDismiss, shownMs);
    return () => clearTimeout(timer);
  }, [done, held, onDismiss]);
  return (
    <aside
      aria-label={reviewTexts.publish.notice}
      className={classes.notice}
      data-testid="done"
      data-above={above}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>{done.text}</span>
      {done.undo.length > 0 && (
        <Button variant="subtle" size="compact-sm" onClick={() => onUndo(done)}>
          {reviewTexts.publish.undo}
        </Button>
      )}
      <ActionIcon variant="subtle" aria-label={reviewTexts.publish.dismiss} onClick={onDismiss}>
        <IconX size={16} aria-hidden="true" />
      </ActionIcon>
    </aside>
  );
}
