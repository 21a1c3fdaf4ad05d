import { Anchor } from '@mantine/core';
import type { Image, ImageId } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { imageQuery } from '../api/image-queries.ts';
import { duplicateWords, framePath } from '../duplicate-words.ts';
import classes from './details.module.css';

/** Where the same photo exists, with a link if the person may open it. */
export function DuplicateNote({ id, of }: { id: ImageId; of: Image }) {
  const first = useQuery(imageQuery(useApi().client, id));
  return (
    <p className={classes.note} data-testid="duplicate">
      {duplicateWords(first, of)}
      {first.data && (
        <>
          {'. '}
          <Anchor component={Link} to={framePath(first.data)} inherit underline="always">
            {reviewTexts.frame.inSession}
          </Anchor>
        </>
      )}
    </p>
  );
}
