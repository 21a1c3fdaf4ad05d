import { Anchor } from '@mantine/core';
import type { ImageId } from '@spinbay/contracts';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { originalQuery } from '../api/image-queries.ts';
import classes from './details.module.css';

/** A link to the original photo. The page shows only square parts of it. */
export function OriginalLink({ id }: { id: ImageId }) {
  const url = useQuery(originalQuery(useApi().client, id)).data;
  if (url === undefined) return null;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit className={classes.original}>
      <IconExternalLink size={16} aria-hidden="true" />
      {reviewTexts.frame.openOriginal}
    </Anchor>
  );
}
