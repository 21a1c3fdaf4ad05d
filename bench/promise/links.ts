import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type LinkSpeed, openLink } from '../../tests/e2e/support/shaped-link.ts';

export const linkNames = ['none', '4g', '3g'] as const;
export type LinkName = (typeof linkNames)[number];

export const links: Readonly<Record<LinkName, { readonly words: string; readonly speed: LinkSpeed | undefined }>> = {
  none: { words: 'not throttled', speed: undefined },
  '4g': { words: '4G: 9 Mbit/s up, 60 ms', speed: speedOf(9, 30, 60) },
  '3g': { words: '3G: 750 kbit/s up, 300 ms', speed: speedOf(0.75, 1.6, 300) },
};

function speedOf(upMbits: number, downMbits: number, roundTripMs: number): LinkSpeed {
  return { upBytesPerSecond: (upMbits * 1e6) / 8, downBytesPerSecond: (downMbits * 1e6) / 8, roundTripMs };
}

export interface LinkMeasure {
  readonly upBytesPerSecond: number;
  readonly roundTripMs: number;
}

/** The measured properties of the shaper: the rate at a server, and the round-trip time of one byte. */
export async function measureLink(speed: LinkSpeed | undefined): Promise<LinkMeasure> {
  const received: { at: number; bytes: number }[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      received.push({ at: performance.now(), bytes: chunk.length });
      if (chunk.length === 1) socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const link = await openLink([`http://127.0.0.1:${port}`], speed);
  const client = connect(link.ports.get(port) ?? 0, '127.0.0.1');
  try {
    await once(client, 'connect');
    client.setNoDelay(true);
    const trips: number[] = [];
    for (let k = 0; k < 6; k++) {
      const sent = performance.now();
      client.write('.');
      await once(client, 'data');
      // The first one also waits for the connection.
      if (k > 0) trips.push(performance.now() - sent);
    }
    received.length = 0;
    // Four seconds' worth.
    const bytes = speed === undefined ? 50_000_000 : Math.round(speed.upBytesPerSecond * 4);
    client.write(Buffer.alloc(bytes));
    const total = () => received.reduce((sum, chunk) => sum + chunk.bytes, 0);
    while (total() < bytes) await new Promise((resolve) => setTimeout(resolve, 20));
    const [first, last] = [received[0], received.at(-1)];
    const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
    return {
      upBytesPerSecond: (bytes - (first?.bytes ?? 0)) / seconds,
      roundTripMs: trips.sort((a, b) => a - b)[trips.length >> 1] ?? Number.NaN,
    };
  } finally {
    client.destroy();
    await link.close();
    server.close();
  }
}
