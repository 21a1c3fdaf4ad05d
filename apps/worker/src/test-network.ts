import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to a request on its way: passed on, cut after so many bytes of its answer, silent from there on, or the network goes down. */
type Fate = 'pass' | { cutAfter: number } | { silentAfter: number } | 'down';

export interface BadNetwork {
  /** Stands for the server behind it. */
  readonly url: string;
  /** Decides about each request by its first line. Set by the test. */
  fateOf: (requestLine: string) => Fate;
  /** Refuses all connections, and cuts those that are open. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A way to a real server, for plain HTTP, on which bad things can happen. */
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
      // Some time after the last byte that it lets through, so that the answer has begun.
      if ('cutAfter' in fate && answered >= most) setTimeout(() => client.destroy(), 100);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
  };
  await comeBack();
  return Object.assign(network, { url: `http://127.0.0.1:${port}` });
}
