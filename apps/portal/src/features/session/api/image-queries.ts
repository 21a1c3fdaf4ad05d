import type { Client } from '@spinbay/client';
import type { Image as Frame, ImageId } from '@spinbay/contracts';
import { queryOptions } from '@tanstack/react-query';

/** The URL of a photo as it was taken. It holds for an hour and a half at least; it is asked for anew long before. */
export function originalQuery(client: Client, id: ImageId) {
  return queryOptions({
    queryKey: ['original', id],
    queryFn: async ({ signal }) => (await client.getOriginal({ params: { image_id: id } }, { signal })).body.url,
    staleTime: 20 * 60_000,
    refetchOnWindowFocus: false,
  });
}

/** The same, once its picture is in the browser's cache and can be shown without a blank. */
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

/** What the gallery's reply leaves out of a frame, the histogram: read anew when the frame was measured anew. */
export function frameDetailsQuery(client: Client, frame: Pick<Frame, 'id' | 'processed_at'>) {
  return queryOptions({
    queryKey: ['frame details', frame.id, frame.processed_at],
    queryFn: async ({ signal }) => (await client.getImage({ params: { image_id: frame.id } }, { signal })).body,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}
