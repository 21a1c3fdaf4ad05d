import { Button, Group, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { lazy, Suspense, useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { texts } from '../../../ui/texts.ts';
import { framesOf } from '../frames.ts';
import type { Gallery } from '../gallery.ts';
import { FrameTile } from './frame-tile.tsx';
import classes from './session.module.css';

const FrameLightbox = lazy(() => import('./frame-lightbox.tsx'));

interface GallerySectionProps {
  readonly gallery: Gallery;
  readonly shown: number;
  readonly total: number;
}

/** All frames as pictures. The one that is open large stands in the address as `?frame=angle_15`. */
export function GallerySection({ gallery, shown, total }: GallerySectionProps) {
  const [query, setQuery] = useSearchParams();
  const [takesShown, takes] = useDisclosure(false);
  const frames = framesOf(gallery, takesShown);
  const open = frames.findIndex((frame) => frame.key === query.get('frame'));

  const show = useCallback(
    (frameKey: string | null, replace: boolean) => {
      setQuery(
        (known) => {
          const next = new URLSearchParams(known);
          if (frameKey === null) next.delete('frame');
          else next.set('frame', frameKey);
          return next;
        },
        { replace, preventScrollReset: true },
      );
    },
    [setQuery],
  );
  const openFrame = useCallback((frameKey: string) => show(frameKey, false), [show]);

  return (
    <section aria-labelledby="gallery-title">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h3" id="gallery-title">
          {texts.gallery.title}
        </Title>
        {gallery.takes.length > 0 && (
          <Button
            variant="default"
            size="sm"
            leftSection={
              takesShown ? <IconEyeOff size={18} aria-hidden="true" /> : <IconEye size={18} aria-hidden="true" />
            }
            aria-expanded={takesShown}
            onClick={takes.toggle}
          >
            {takesShown ? texts.gallery.hideTakes : texts.gallery.showTakes(gallery.takes.length)}
          </Button>
        )}
      </Group>
      {total > shown && (
        <Text size="sm" c="dimmed" mb="sm">
          {texts.session.cut(shown, total)}
        </Text>
      )}
      <ul className={classes.grid}>
        {gallery.slots.map((slot) => (
          <FrameTile
            key={slot.key}
            frameKey={slot.key}
            slot={slot.slot}
            image={slot.image}
            required={slot.required}
            retakeComing={slot.retakeComing}
            onOpen={openFrame}
          />
        ))}
      </ul>
      {gallery.outside.length > 0 && (
        <MoreFrames title={texts.gallery.outside} images={gallery.outside} onOpen={openFrame} />
      )}
      {takesShown && gallery.takes.length > 0 && (
        <MoreFrames title={texts.gallery.takes} images={gallery.takes} onOpen={openFrame} />
      )}
      {open >= 0 && (
        <Suspense>
          <FrameLightbox
            frames={frames}
            index={open}
            onView={(index) => {
              const frame = frames[index];
              if (frame && index !== open) show(frame.key, true);
            }}
            onClose={() => show(null, true)}
          />
        </Suspense>
      )}
    </section>
  );
}

interface MoreFramesProps {
  readonly title: string;
  readonly images: Gallery['outside'];
  readonly onOpen: (frameKey: string) => void;
}

function MoreFrames({ title, images, onOpen }: MoreFramesProps) {
  return (
    <section aria-label={title}>
      <Title order={3} size="h4" mt="xl" mb="md">
        {title}
      </Title>
      <ul className={classes.grid}>
        {images.map((image) => (
          <FrameTile key={image.id} frameKey={image.id} slot={image} image={image} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}
