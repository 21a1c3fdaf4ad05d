import { Button } from '@mantine/core';
import { IconPhotoOff } from '@tabler/icons-react';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import classes from './tile.module.css';

/** Shown instead of a picture that did not load: a text and a retry button. */
export function PictureFailed({ label, onRetry }: { label: string; onRetry: () => void }) {
  return (
    <div className={classes.placeholder} data-kind="failed" data-testid="picture-failed">
      <IconPhotoOff size={30} stroke={1.5} aria-hidden="true" />
      <span>{reviewTexts.frame.pictureFailed}</span>
      <Button size="compact-sm" variant="default" aria-label={`${texts.tryAgain}: ${label}`} onClick={onRetry}>
        {texts.tryAgain}
      </Button>
    </div>
  );
}
