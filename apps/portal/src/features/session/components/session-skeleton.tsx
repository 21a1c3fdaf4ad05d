import { Skeleton, VisuallyHidden } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import classes from './session.module.css';

const tiles = Array.from({ length: 12 }, (_, k) => `tile ${k}`);

export function SessionSkeleton() {
  return (
    <div role="status">
      <VisuallyHidden component="h1">{texts.loading}</VisuallyHidden>
      <Skeleton width={180} height={34} mb="md" />
      <Skeleton width="min(100%, 36rem)" height={40} mb="lg" />
      <Skeleton height={104} radius="lg" mb="xl" />
      <div className={classes.grid}>
        {tiles.map((tile) => (
          <Skeleton key={tile} className={classes.skeletonTile} height="auto" radius="lg" />
        ))}
      </div>
    </div>
  );
}
