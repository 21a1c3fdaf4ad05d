import type { LocalSession } from '@spinbay/outbox';
import { useEffect, useState } from 'react';
import type { Picture } from '../../platform/picture.ts';
import { useServices } from '../services.tsx';

/** The preview of the photo that was stored last, also after a restart. Null if there is none on this device. */
export function useLastPreview({ photos }: Pick<LocalSession, 'photos'>): Picture | null {
  const { outbox } = useServices();
  const [preview, setPreview] = useState<Picture | null>(null);
  const last = photos.at(-1)?.image_id;
  useEffect(() => {
    let left = false;
    const load = async () => {
      const found = last === undefined ? undefined : await outbox.readPreview(last).catch(() => undefined);
      if (!left) setPreview(found ?? null);
    };
    void load();
    return () => {
      left = true;
    };
  }, [last, outbox]);
  return preview;
}
