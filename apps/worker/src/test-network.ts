import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The fate of a request: passed on, cut or silent after some bytes of the answer, or the network goes down. */
type Fate = 'pass' | { cutAfter: number } | { silentAfter: number } | 'down';

export interface BadNetwork {
  /** The URL to use instead of the server's. */
  readonly url: string;
  /** Decides the fate of a request by its first line. Set by the test. */
  fateOf: (requestLine: string) => Fate;
  /** Closes all connections and refuses new ones. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A faulty HTTP proxy to a real server. */
export async function startBadNetwork(target: URL): Promise<BadNetwork> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const comeBack = async () => {
    server = createServer((client) => pass(client));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  };
  const goDown = async () => {
    const going = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (!going) return;
    going.close();
    await once(going, 'close');
  };
  const network: BadNetwork = {
    url: '',
    fateOf: () => 'pass',
    goDown,
    comeBack,
    close: goDown,
  };
  const pass = (client: Socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    let fate: Fate = 'pass';
    let answered = 0;
    client.on('data', (data: Buffer) => {
      const line = /^(GET|PUT|HEAD|POST|DELETE) [^\r\n]* HTTP\/1\.1/.exec(data.toString('latin1', 0, 4096))?.[0];
      if (line !== undefined) {
        fate = network.fateOf(line);
        answered = 0;
      }
      if (fate === 'down') void goDown();
      else upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (fate === 'pass' || fate === 'down') {
        client.write(data);
        return;
      }
      const most = 'cutAfter' in fate ? fate.cutAfter : fate.silentAfter;
      if (answered < most) client.write(data.subarray(0, most - answered));
      answered += data.length;
      // Delayed, so that the client has received the start of the answer.
      if ('cutAfter' in fate && answered >= most) setTimeout(() => client.destroy(), 100);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
  };
  await comeBack();
  return Object.assign(network, { url: `http://127.0.0.1:${port}` });
}
