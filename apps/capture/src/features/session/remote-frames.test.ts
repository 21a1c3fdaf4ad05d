import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { expect, test } from 'vitest';
import { type RemoteFrame, watchRemoteFrames } from './remote-frames.ts';

function start() {
  const network = { online: false, changed: () => {}, listeners: 0 };
  const image = {
    id: randomUUID(),
    angle_deg: 90,
    shot_name: null,
    status: 'pending',
    superseded: false,
    qc: null,
    thumb_urls: null,
  };
  const client = {
    listImages: async () => {
      if (!network.online) throw new Error('offline');
      return { status: 200, headers: {}, body: { items: [image] } };
    },
  } as unknown as Pick<Client, 'listImages'>;
  const shown: ReadonlyMap<string, RemoteFrame>[] = [];
  const onNetwork = (listener: () => void) => {
    network.changed = listener;
    network.listeners++;
    return () => void network.listeners--;
  };
  const stop = watchRemoteFrames(client, randomUUID(), onNetwork, (frames) => shown.push(frames));
  return { network, shown, stop, image };
}

test('the frames of other devices appear when the network returns', async () => {
  const { network, shown, image } = start();
  await new Promise((resolve) => setTimeout(resolve));
  expect(shown).toEqual([]);
  network.online = true;
  network.changed();
  await expect.poll(() => shown.map((frames) => frames.get('angle_90')?.imageId)).toEqual([image.id]);
});

test('after the screen is left, no frames are loaded or shown', async () => {
  const { network, shown, stop } = start();
  network.online = true;
  network.changed();
  stop();
  await new Promise((resolve) => setTimeout(resolve));
  expect([shown, network.listeners]).toEqual([[], 0]);
});
