import { Button, Title } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { faultWords } from '../../../api/faults.ts';
import { formatClock } from '../../../ui/format.ts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import type { Erased, Erasing } from '../api/use-erasing.ts';
import { vehicleWords } from './erase-control.tsx';
import classes from './session-state-control.module.css';

const { erasing: words } = reviewTexts;

/** Shown instead of deleted data: what it was, and an undo button. */
export function ErasedNotice({ erased, restore }: { erased: Erased; restore: Erasing['restore'] }) {
  const { what, photos, session, erase_after } = erased;
  return (
    <>
      <Title order={1}>{vehicleWords(session)}</Title>
      <div className={classes.erased} role="status" data-testid="erased">
        <p>
          {words.done[what](photos, vehicleWords(session))} {words.until(formatClock(Date.parse(erase_after)))}
        </p>
        <Button
          aria-busy={restore.isPending}
          leftSection={<IconArrowBackUp size={18} aria-hidden="true" />}
          onClick={() => {
            if (!restore.isPending) restore.mutate(erased);
          }}
        >
          {words.undo}
        </Button>
        {restore.isError && (
          <p className={classes.fault} role="alert">
            {words.undoRefused} {faultWords(restore.error).body}
          </p>
        )}
      </div>
    </>
  );
}
