import { Button } from '@mantine/core';
import type { Image } from '@spinbay/contracts';
import { IconArrowBackUp, IconReplace, IconWorldUpload } from '@tabler/icons-react';
import { formatDateTime } from '../../../ui/format.ts';
import { Pill } from '../../../ui/pill.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { slotLabel } from '../frames.ts';
import { isReplacement, publishableOf, replacesPublished } from '../publishing.ts';
import { useReview } from '../review.ts';
import classes from './publish.module.css';

interface PublishControlProps {
  readonly image: Image;
  readonly fault: string | undefined;
}

const { publish: words } = reviewTexts;

/** When a frame was published and by which person, the button to publish or undo, and why it failed. */
export function PublishControl({ image, fault }: PublishControlProps) {
  const { mayPublish, toggle } = useReview();
  const can = publishableOf(image);
  const label = slotLabel(image);
  const replaces = replacesPublished(image);
  const looks = {
    publish: {
      text: words.one,
      name: replaces ? words.replaceName(label) : words.oneName(label),
      icon: IconWorldUpload,
    },
    preview: { text: words.preview, name: words.previewName(label), icon: IconWorldUpload },
    override: { text: words.override, name: words.overrideName(label), icon: IconWorldUpload },
    undo: { text: words.undo, name: words.undoName(label), icon: IconArrowBackUp },
  };
  const look = can === 'no' ? null : looks[can];
  if (can === 'no' && !fault) return null;
  return (
    <div className={classes.control} data-testid="publish-control">
      {can === 'undo' && <Published image={image} />}
      {(isReplacement(image) || (mayPublish && replaces)) && (
        <p className={classes.published}>
          {isReplacement(image) && (
            <Pill tone="warn" icon={IconReplace} data-testid="replacement-waiting">
              {words.replacementWaiting}
            </Pill>
          )}
          {mayPublish && <span className={classes.overridden}>{words.unpublishesOther}</span>}
        </p>
      )}
      {mayPublish && look && (
        <Button
          className={classes.button}
          size="compact-sm"
          variant={can === 'publish' ? 'light' : 'default'}
          leftSection={<look.icon size={16} stroke={1.9} aria-hidden="true" />}
          aria-label={look.name}
          data-testid="publish"
          data-does={can}
          onClick={() => toggle(image)}
        >
          {look.text}
        </Button>
      )}
      {fault && (
        <p className={classes.fault} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

function Published({ image }: { image: Image }) {
  const { published_at: at, published_by: by, override } = image;
  return (
    <p className={classes.published} data-testid="published">
      {at === null ? (
        words.working
      ) : (
        <>
          <time dateTime={at}>{formatDateTime(at)}</time>
          {by && <> {words.by(by.name)}</>}
        </>
      )}
      {override && <span className={classes.overridden}>{words.overridden}</span>}
    </p>
  );
}
