import type { Client } from '@spinbay/client';
import type { Image as Frame, ImageId } from '@spinbay/contracts';
import { queryOptions } from '@tanstack/react-query';

/** The URL of the original photo, valid for at least an hour and a half. A use after 20 minutes fetches it again. */
export function originalQuery(client: Client, id: ImageId) {
  return queryOptions({
    queryKey: ['original', id],
    queryFn: async ({ signal }) => (await client.getOriginal({ params: { image_id: id } }, { signal })).body.url,
    staleTime: 20 * 60_000,
    refetchOnWindowFocus: false,
  });
}

/** The same URL, once the browser has loaded the picture and can show it without a gap. */
export function loadedOriginalQuery(client: Client, id: ImageId) {
  return queryOptions({
    queryKey: ['loaded original', id],
    queryFn: async ({ client: queries }) => {
      const url = await queries.fetchQuery(originalQuery(client, id));
      const image = new Image();
      image.src = url;
      await image.decode();
      return url;
    },
    staleTime: 20 * 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

export function imageQuery(client: Client, id: ImageId) {
  return queryOptions({
    queryKey: ['image', id],
    queryFn: async ({ signal }) => (await client.getImage({ params: { image_id: id } }, { signal })).body,
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });
}

/** The frame with its histogram, which the reply for the gallery leaves out. Loaded again after a new measurement. */
export function frameDetailsQuery(client: Client, frame: Pick<Frame, 'id' | 'processed_at'>) {
  return queryOptions({
    queryKey: ['frame details', frame.id, frame.processed_at],
    queryFn: async ({ signal }) => (await client.getImage({ params: { image_id: frame.id } }, { signal })).body,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}
