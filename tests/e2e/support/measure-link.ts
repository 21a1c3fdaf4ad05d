import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { LinkShape } from './link-shapes.ts';
import { openShapedNetwork } from './shaped-network.ts';

export interface LinkMeasure {
  readonly shaper: string;
  readonly upBytesPerSecond: number;
  readonly roundTripMs: number;
  /** Share of the datagrams that were lost in each direction. Undefined: this shaper loses nothing. */
  readonly loss: { readonly up: number; readonly down: number } | undefined;
}

/** How many datagrams measure the loss of a link. The standard error of a measured loss of 1 % is then a fifth of it. */
const datagrams = 3_000;

/** Measures a network of this shape: the rate at a server, the round trip of a byte over TCP, and the loss of datagrams. */
export async function measureLink(shape: LinkShape, folder: string): Promise<LinkMeasure> {
  const { speed } = shape;
  // Four seconds' worth.
  const bytes = speed === undefined ? 50_000_000 : Math.round(speed.upBytesPerSecond * 4);
  const received: { at: number; bytes: number }[] = [];
  const total = () => received.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length === 1) {
        socket.write(chunk);
        return;
      }
      received.push({ at: performance.now(), bytes: chunk.length });
      if (total() >= bytes) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const network = await openShapedNetwork([`http://127.0.0.1:${port}`], shape, folder);
  const echo = createSocket('udp4');
  let arrived = 0;
  echo.on('message', (message, from) => {
    arrived += 1;
    echo.send(message, from.port, from.address);
  });
  echo.bind(0, network.host);
  await once(echo, 'listening');
  try {
    const args = [network.host, network.ports.get(port), network.isLossy ? echo.address().port : 0, bytes, datagrams];
    const [program, ...rest] = network.command(process.execPath, [
      'tests/e2e/support/probe-link.mjs',
      ...args.map(String),
    ]);
    const { stdout } = await promisify(execFile)(program, rest);
    const { roundTripMs, echoed } = JSON.parse(stdout) as { roundTripMs: number; echoed: number };
    const [first, last] = [received[0], received.at(-1)];
    const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
    return {
      shaper: network.shaper,
      upBytesPerSecond: (total() - (first?.bytes ?? 0)) / seconds,
      roundTripMs,
      loss: network.isLossy ? { up: 1 - arrived / datagrams, down: 1 - echoed / arrived } : undefined,
    };
  } finally {
    echo.close();
    await network.close();
    server.close();
  }
}

/** The measured figures, each with the requested one. */
export function wordsOf({ speed, loss }: LinkShape, real: LinkMeasure): string {
  const asked = (text: string | undefined) => (text === undefined ? '' : ` (asked: ${text})`);
  const mbits = (bytesPerSecond: number) => `${(bytesPerSecond * 8e-6).toFixed(2)} Mbit/s`;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    `${mbits(real.upBytesPerSecond)} up${asked(speed && mbits(speed.upBytesPerSecond))}`,
    `${real.roundTripMs.toFixed(0)} ms round trip${asked(speed && `${speed.roundTripMs} ms`)}`,
    real.loss === undefined
      ? `no loss${asked(loss > 0 ? percent(loss) : undefined)}`
      : `${percent(real.loss.up)} lost up and ${percent(real.loss.down)} down${asked(percent(loss))}`,
  ].join(', ');
}
