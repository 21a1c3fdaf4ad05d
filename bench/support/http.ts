import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: string;
  /** From the call to the last byte. */
  readonly ms: number;
}

/** Sends GET requests over persistent connections. */
export function createGetter(options: { maxSockets: number }): {
  get(url: string, headers: Record<string, string>): Promise<Answer>;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets });
  return {
    get: (url, headers) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        const sent = request(url, { agent, headers }, (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('error', reject);
          reply.on('end', () =>
            resolve({
              status: reply.statusCode ?? 0,
              etag: reply.headers.etag ?? '',
              body: Buffer.concat(chunks).toString(),
              ms: performance.now() - began,
            }),
          );
        });
        sent.on('error', reject);
        sent.end();
      }),
    close: () => agent.destroy(),
  };
}
