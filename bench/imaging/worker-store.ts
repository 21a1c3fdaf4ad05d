// What a worker works for, in a process of its own: PostgreSQL, our S3 and SQS server, and sessions that frames are uploaded to.
// Asked over IPC: `{ files }` puts them all into a new session, `"done"` tells how many frames are completed. It says
// `{ environment }`, a worker's settings, when all is up, and ends with its parent.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { environmentOf } from '../../apps/worker/src/test-bundles.ts';
import { startTestStack } from '../../apps/worker/src/testing.ts';

const stack = await startTestStack();

async function upload(files: readonly string[]): Promise<void> {
  const session = await stack.newSession();
  // Every frame has an angle; more files than a spin has are other sessions' frames.
  for (const [index, file] of files.entries())
    await session.upload(await readFile(file), `angle_${String(15 * index).padStart(3, '0')}`);
}

async function completed(): Promise<number> {
  const { rows } = await stack.database.admin.query<{ n: string }>(
    `select count(*) as n from images where status = 'processed' or status = 'failed'`,
  );
  return Number(rows[0]?.n);
}

process.on('message', (asked: { files: string[] } | 'done') => {
  const answer = asked === 'done' ? completed() : upload(asked.files).then(() => 'uploaded');
  answer.then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => void stack.stop().then(() => process.exit(0)));
process.send?.({ environment: environmentOf(stack, tmpdir()) });
