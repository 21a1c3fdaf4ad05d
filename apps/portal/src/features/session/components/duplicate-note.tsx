import { Anchor } from '@mantine/core';
import { type Image, type ImageId, slotKey } from '@spinbay/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { imageQuery } from '../api/image-queries.ts';
import { slotLabel } from '../frames.ts';
import classes from './details.module.css';

const { frame: words } = reviewTexts;

/** Where the same photo exists, with a link if the person may open it. */
export function DuplicateNote({ id, of }: { id: ImageId; of: Image }) {
  const first = useQuery(imageQuery(useApi().client, id));
  const where = first.data && `/sessions/${first.data.session_id}?frame=${slotKey(first.data)}`;
  return (
    <p className={classes.note} data-testid="duplicate">
      {first.isError && words.sameUnknown}
      {first.isPending && texts.qc.duplicate}
      {first.data &&
        (first.data.session_id === of.session_id ? words.sameAs(slotLabel(first.data)) : words.sameElsewhere)}
      {where && (
        <>
          {'. '}
          <Anchor component={Link} to={where} inherit underline="always">
            {words.inSession}
          </Anchor>
        </>
      )}
    </p>
  );
}
