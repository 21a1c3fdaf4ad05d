// The dependencies of a worker, in a separate process: PostgreSQL, the local S3 and SQS server, and sessions with uploaded
// frames. IPC messages: `{ files }` uploads them into a new session, `"done"` replies with the number of completed frames.
// The process sends `{ environment }`, the settings of a worker, when everything runs. It ends with its parent.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { environmentOf } from '../../apps/worker/src/test-bundles.ts';
import { startTestStack } from '../../apps/worker/src/testing.ts';

const stack = await startTestStack();

async function upload(files: readonly string[]): Promise<void> {
  const session = await stack.newSession();
  // Every frame has an angle. Files beyond one spin belong to further sessions.
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
