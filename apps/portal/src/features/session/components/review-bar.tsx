import { ActionIcon, Title } from '@mantine/core';
import { IconKeyboard, IconLayoutGrid, IconRotate360 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { reviewTexts } from '../../../ui/review-texts.ts';
import type { View } from '../use-place.ts';
import { PublishAll, type PublishAllProps } from './publish-all.tsx';
import classes from './review-bar.module.css';

interface ReviewBarProps {
  readonly view: View;
  /** Null if the session has no spin. */
  readonly onView: ((view: View) => void) | null;
  /** Null if the person may not publish. */
  readonly publishAll: PublishAllProps | null;
  readonly fault: string | undefined;
  readonly onHelp: () => void;
  readonly children?: ReactNode;
}

const { view: words } = reviewTexts;
const views = [
  { view: 'gallery', icon: IconLayoutGrid, text: words.gallery },
  { view: '360', icon: IconRotate360, text: words.spin },
] as const;

/** Actions for all frames. */
export function ReviewBar({ view, onView, publishAll, fault, onHelp, children }: ReviewBarProps) {
  return (
    <>
      <div className={classes.bar}>
        <Title order={2} size="h3" id="frames-title" className={classes.title}>
          {reviewTexts.title}
        </Title>
        {onView && (
          <fieldset className={classes.views} aria-label={words.label}>
            {views.map(({ view: to, icon: Icon, text }) => (
              <button
                key={to}
                type="button"
                aria-pressed={view === to}
                data-testid={`view-${to}`}
                onClick={() => onView(to)}
              >
                <Icon size={18} stroke={1.8} aria-hidden="true" />
                {text}
              </button>
            ))}
          </fieldset>
        )}
        <div className={classes.actions}>
          {children}
          <ActionIcon
            className={classes.help}
            variant="default"
            size={36}
            aria-label={reviewTexts.keys.open}
            title={reviewTexts.keys.open}
            onClick={onHelp}
          >
            <IconKeyboard size={20} stroke={1.7} aria-hidden="true" />
          </ActionIcon>
          {publishAll && <PublishAll {...publishAll} />}
        </div>
      </div>
      {fault && (
        <p className={classes.fault} role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
