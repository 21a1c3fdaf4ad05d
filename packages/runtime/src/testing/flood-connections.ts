import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Target {
  readonly port: number;
  /** A request that the server answers with 200. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For an HTTPS server: its name, and the certificate to trust. */
  readonly tls?: { readonly servername: string; readonly ca: string };
  /** The most connections that one address may keep open. */
  readonly perAddress: number;
  /** The number of connections that each attack opens. Default: 600. */
  readonly count?: number;
}

const attacks: Readonly<Record<string, string>> = {
  silent: '',
  'incomplete header': 'GET / HTTP/1.1\r\nHost: x\r\nX-Half: ',
  'slow body': 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
};
const [attacker, other] = ['127.0.0.2', '127.0.0.1'];

/**
 * Opens many connections from one loopback address that send nothing or an incomplete request, and sends a request header
 * byte by byte. Takes about 15 seconds.
 * @returns what went wrong. Empty if the server answered everybody, closed the connections above the limit, and closed the
 * one whose header came byte by byte.
 */
export async function floodConnections(target: Target): Promise<string[]> {
  const faults: string[] = [];
  const trickled = trickle(target);
  for (const [name, head] of Object.entries(attacks)) {
    const sockets = await open(target, head);
    try {
      const deadline = Date.now() + 10_000;
      const status = await answer(target, other);
      if (status !== 200) faults.push(`${name}: a request from ${other} got ${status}`);
      // While the attacker's address has as many requests in progress as the limit allows, the server refuses another one.
      let own = await answer(target, attacker);
      while (own !== 200 && Date.now() < deadline) own = await answer(target, attacker);
      if (own !== 200) faults.push(`${name}: a request from ${attacker} got ${own}`);
      const left = () => sockets.filter((socket) => !socket.destroyed).length;
      while (left() > target.perAddress && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
      if (left() > target.perAddress) faults.push(`${name}: ${left()} connections stayed open`);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  }
  if (!(await trickled)) faults.push('a header that came byte by byte kept its connection');
  return faults;
}

async function open(target: Target, head: string): Promise<Socket[]> {
  const { count = 600 } = target;
  const sockets = Array.from({ length: count }, () => dial(target, attacker));
  await Promise.all(
    sockets.map(({ socket, ready }) =>
      ready.then(
        () => head !== '' && socket.write(head),
        () => undefined,
      ),
    ),
  );
  return sockets.map(({ socket }) => socket);
}

function dial({ port, tls }: Target, localAddress: string): { socket: Socket; ready: Promise<unknown> } {
  const plain = connect({ host: '127.0.0.1', port, localAddress });
  const socket = tls === undefined ? plain : connectTls({ socket: plain, ...tls });
  for (const each of [plain, socket]) each.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  return { socket, ready: Promise.race([once(socket, tls === undefined ? 'connect' : 'secureConnect'), closed]) };
}

/** @returns the status, or what went wrong */
function answer(target: Target, localAddress: string): Promise<number | string | undefined> {
  return ask(target, localAddress).catch((error: Error) => error.message);
}

/** @returns the status */
async function ask({ port, path, headers, tls }: Target, localAddress: string): Promise<number | undefined> {
  const options: RequestOptions = { host: '127.0.0.1', port, path, localAddress, agent: false, timeout: 10_000 };
  if (headers !== undefined) options.headers = { ...headers };
  const request = tls === undefined ? httpRequest(options) : httpsRequest({ ...options, ...tls });
  request.on('timeout', () => request.destroy(new Error('no answer in 10 s')));
  request.end();
  const [reply] = (await once(request, 'response')) as [IncomingMessage];
  reply.resume();
  return reply.statusCode;
}

/** @returns whether the server closed the connection within 20 seconds */
async function trickle(target: Target): Promise<boolean> {
  const { socket, ready } = dial(target, other);
  await ready;
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const drip = setInterval(() => socket.write('x'), 250);
  // A reset is reported as an error, but also closes the connection.
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) }).catch(() => undefined);
  const closed = socket.destroyed;
  clearInterval(drip);
  socket.destroy();
  return closed;
}
