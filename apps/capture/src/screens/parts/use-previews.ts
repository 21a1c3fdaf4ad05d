import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../features/services.tsx';
import { usePlatform } from '../../platform/platform.tsx';

/**
 * The URLs of the previews on this device, by image id. A photo without a preview has the URL of its original. All URLs are
 * revoked when the screen closes.
 */
export function usePreviews(imageIds: readonly string[]): ReadonlyMap<string, string> {
  const { outbox } = useServices();
  const platform = usePlatform();
  const [urls, setUrls] = useState<ReadonlyMap<string, string>>(new Map());
  const kept = useRef(new Map<string, { url: string; release(): void }>());
  const wanted = imageIds.join(' ');

  useEffect(() => {
    let left = false;
    const load = async () => {
      for (const id of wanted.split(' ').filter((each) => each !== '' && !kept.current.has(each))) {
        // One that cannot be read must not hide the others.
        const preview = await outbox.readPreview(id).catch(() => undefined);
        const picture = preview ?? (await outbox.readOriginal(id).catch(() => undefined));
        if (left) return;
        if (picture) kept.current.set(id, platform.pictureUrl(picture));
      }
      setUrls(new Map([...kept.current].map(([id, { url }]) => [id, url])));
    };
    void load();
    return () => {
      left = true;
    };
  }, [wanted, outbox, platform]);

  useEffect(() => {
    const { current } = kept;
    return () => {
      for (const { release } of current.values()) release();
      current.clear();
    };
  }, []);
  return urls;
}
