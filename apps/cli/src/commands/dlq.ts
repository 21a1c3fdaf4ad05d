import { readEndpoints, readSecrets } from '@spinbay/local-stack';
import { createQueue, type Queue, type QueueMessage, redriveDeadLetters, visitDeadLetters } from '@spinbay/queue';
import { readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';

const usage = 'dlq list|show ID|redrive';

export const dlq = {
  usage,
  about:
    'Manages the dead-letter queue, which holds messages that failed three times. list: prints each message with its photo. show: prints one message in full. redrive: moves all messages back to the queue, so that the worker retries them.',
  details:
    '  Works on the installation that runs here, or on the queue of SQS_QUEUE_URL. The credentials must allow receiving\n  and deleting messages of its dead-letter queue, and sending messages to the queue.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { positionals } = parseFlags(usage, args, {});
  const [verb, id, ...more] = positionals;
  if (more.length > 0 || (id !== undefined) !== (verb === 'show') || !['list', 'show', 'redrive'].includes(verb ?? ''))
    throw new CommandError(`Name one command.\nUsage: spinbay ${usage}`);
  const { queue, dead } = await openQueues();
  try {
    if (verb === 'list') await list(dead);
    else if (verb === 'redrive') print(`Moved ${await redriveDeadLetters(dead, queue)} messages back to the queue.`);
    else await show(dead, id ?? '');
    return 0;
  } finally {
    queue.close();
    dead.close();
  }
}

async function list(dead: Queue): Promise<void> {
  const rows: string[][] = [];
  await visitDeadLetters(dead, async (message) => {
    rows.push([message.id, message.sentAt.toISOString().slice(0, 19), ...keysOf(message).slice(0, 1)]);
    return 'keep';
  });
  print(rows.length === 0 ? 'The dead-letter queue is empty.' : table([['id', 'sent (UTC)', 'photo'], ...rows]));
}

async function show(dead: Queue, id: string): Promise<void> {
  let found: QueueMessage | undefined;
  await visitDeadLetters(dead, async (message) => {
    if (message.id === id) found = message;
    return 'keep';
  });
  if (found === undefined)
    throw new CommandError(`The dead-letter queue has no message ${id}. Run "spinbay dlq list" to see its messages.`);
  print(`id    ${found.id}\nsent  ${found.sentAt.toISOString()}`);
  for (const key of keysOf(found)) print(`photo ${key}`);
  print(found.body);
}

/** @returns the object keys of an S3 event; none for any other message */
function keysOf({ body }: QueueMessage): string[] {
  try {
    const { Records = [] } = JSON.parse(body) as { Records?: { s3?: { object?: { key?: unknown } } }[] };
    return Records.map((record) => decodeURIComponent(String(record.s3?.object?.key).replaceAll('+', ' ')));
  } catch {
    return [];
  }
}

/**
 * Opens the queue that the environment names, or otherwise that of the installation that runs here.
 * @throws CommandError if there is neither, or no dead-letter queue
 */
async function openQueues(): Promise<{ queue: Queue; dead: Queue }> {
  const options = await findQueue();
  const queue = createQueue(options);
  const url = await queue.deadLetterUrl();
  if (url === null) {
    queue.close();
    throw new CommandError('The queue has no dead-letter queue, so a message that always fails is retried forever.');
  }
  return { queue, dead: createQueue({ ...options, queueUrl: url }) };
}

async function findQueue() {
  const settings = readSettings(process.env, ['SPINBAY_DATA_DIR', 'AWS_REGION'], ['SQS_QUEUE_URL', 'SQS_ENDPOINT']);
  const { SQS_QUEUE_URL: queueUrl, SQS_ENDPOINT: endpoint, AWS_REGION: region } = settings;
  if (queueUrl !== undefined) return { queueUrl, endpoint, region };
  const local = await readEndpoints(settings.SPINBAY_DATA_DIR);
  const stored = await readSecrets(settings.SPINBAY_DATA_DIR);
  if (local === null || stored === null) {
    throw new CommandError(
      'Spinbay does not run here, and SQS_QUEUE_URL is not set. Start Spinbay with "npm start", or set SQS_QUEUE_URL.',
    );
  }
  // Another queue needs other credentials, which the SDK finds.
  if (!local.has_local_queue) return { queueUrl: local.queue, endpoint, region };
  const credentials = stored.secrets.accessKeys.admin;
  return { queueUrl: local.queue, endpoint: new URL(local.queue).origin, region, credentials };
}
