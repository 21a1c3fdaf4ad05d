import type { Session } from '@spinbay/contracts';
import { IconCar } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './sessions.module.css';

/** The session's first picture, or a car icon. It needs no alternative text, because the vehicle is named next to it. */
export function Cover({ cover }: { cover: Session['cover'] }) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  if (!cover || cover.url === failedUrl) {
    return (
      <span className={classes.cover} aria-hidden="true">
        <IconCar size={26} stroke={1.5} />
      </span>
    );
  }
  return (
    <img
      className={classes.cover}
      src={cover.url}
      alt=""
      width={56}
      height={56}
      loading="lazy"
      decoding="async"
      onError={() => setFailedUrl(cover.url)}
    />
  );
}
