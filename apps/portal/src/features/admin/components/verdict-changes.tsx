import { Text, VisuallyHidden } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Change } from '../calibration.ts';
import classes from './quality.module.css';

interface VerdictChangesProps {
  readonly changes: readonly Change[];
  /** Whether the choice is already in use. */
  readonly isInUse: boolean;
  readonly shown: Pick<Change, 'from' | 'to'> | null;
  readonly onShow: (shown: Pick<Change, 'from' | 'to'>) => void;
}

const words = adminTexts.quality;

/** How many verdicts a choice would change, by kind. A click on a kind shows its frames. */
export function VerdictChanges({ changes, isInUse, shown, onShow }: VerdictChangesProps) {
  const count = changes.reduce((sum, { frames }) => sum + frames.length, 0);
  const text = count === 0 ? words.unchanged : words.changed(count);
  return (
    <>
      <Text size="sm" role="status" data-testid="would-change">
        {isInUse ? words.alreadyInUse : text}
      </Text>
      <div className={classes.changes}>
        {changes.map(({ from, to, frames }) => {
          return (
            <button
              key={`${from} ${to}`}
              type="button"
              className={classes.count}
              data-verdict={to}
              aria-pressed={shown?.from === from && shown.to === to}
              onClick={() => onShow({ from, to })}
            >
              <strong>{frames.length}</strong> {words.verdicts[from]} <VisuallyHidden>{words.become}</VisuallyHidden>
              <IconArrowRight size={14} aria-hidden="true" /> {words.verdicts[to]}
            </button>
          );
        })}
      </div>
    </>
  );
}
