import { Title } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import type { Gallery } from '../gallery.ts';
import type { Faults } from '../review.ts';
import { FrameTile } from './frame-tile.tsx';
import classes from './session.module.css';

interface GalleryGridProps {
  readonly gallery: Gallery;
  readonly takesShown: boolean;
  /** Whether no more frames are expected. */
  readonly ended: boolean;
  readonly faults: Faults;
  readonly onOpen: (frameKey: string) => void;
}

/** All frames as pictures: the slots, then frames outside the shot list and, if `takesShown`, the other takes. */
export function GalleryGrid({ gallery, takesShown, ended, faults, onOpen }: GalleryGridProps) {
  return (
    <>
      <ul className={classes.grid}>
        {gallery.slots.map((slot) => (
          <FrameTile
            key={slot.key}
            frameKey={slot.key}
            slot={slot.slot}
            image={slot.image}
            required={slot.required}
            retakeComing={slot.retakeComing}
            ended={ended}
            fault={slot.image ? faults.get(slot.image.id) : undefined}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {gallery.outside.length > 0 && (
        <MoreFrames title={texts.gallery.outside} images={gallery.outside} faults={faults} onOpen={onOpen} />
      )}
      {takesShown && gallery.takes.length > 0 && (
        <MoreFrames title={texts.gallery.takes} images={gallery.takes} faults={faults} onOpen={onOpen} />
      )}
    </>
  );
}

interface MoreFramesProps {
  readonly title: string;
  readonly images: Gallery['outside'];
  readonly faults: Faults;
  readonly onOpen: (frameKey: string) => void;
}

function MoreFrames({ title, images, faults, onOpen }: MoreFramesProps) {
  return (
    <section aria-label={title}>
      <Title order={3} size="h4" mt="xl" mb="md">
        {title}
      </Title>
      <ul className={classes.grid}>
        {images.map((image) => (
          <FrameTile
            key={image.id}
            frameKey={image.id}
            slot={image}
            image={image}
            fault={faults.get(image.id)}
            onOpen={onOpen}
          />
        ))}
      </ul>
    </section>
  );
}
