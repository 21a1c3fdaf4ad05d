import type { AccessKey, Permission } from './access.ts';
import { deadLetterQueueOf, imageQueue } from './image-queue.ts';

type KeyPair = Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'>;

const photos = 'org/';

const countDeadLetters: Permission = {
  actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  queue: deadLetterQueueOf(imageQueue),
};

/** The permissions of the processes, as in IAM. */
const permissions: Readonly<Record<'api' | 'worker' | 'eraser', readonly Permission[]>> = {
  // Presigned URLs have the permissions of their signer: uploads of photos with tags, and downloads. If the bucket sends no
  // events, the API looks up the object and sends the message itself.
  api: [
    { actions: ['s3:PutObject', 's3:PutObjectTagging', 's3:GetObject'], prefix: photos },
    { actions: ['s3:ListBucket'] },
    { actions: ['sqs:GetQueueAttributes', 'sqs:SendMessage'], queue: imageQueue },
    // For "spinbay doctor", which uses this key.
    countDeadLetters,
  ],
  worker: [
    { actions: ['s3:PutObject', 's3:GetObject', 's3:GetObjectTagging'], prefix: photos },
    // With this permission, S3 answers 404 for a missing object, without it 403.
    { actions: ['s3:ListBucket'] },
    {
      actions: [
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:SendMessage',
      ],
      queue: imageQueue,
    },
    countDeadLetters,
  ],
  // The deletion jobs delete erased objects and objects without a row.
  eraser: [{ actions: ['s3:DeleteObject'], prefix: photos }, { actions: ['s3:ListBucket'] }],
};

interface Keys {
  readonly admin: KeyPair;
  readonly api: KeyPair;
  readonly worker: KeyPair;
  readonly eraser?: KeyPair | undefined;
}

/**
 * `admin` has all permissions. It creates the bucket and the queues when an installation starts, and moves dead letters
 * back.
 * @param workerDeletions whether the worker also runs the deletion jobs
 */
export function withPermissions({ admin, api, worker, eraser }: Keys, workerDeletions: boolean): AccessKey[] {
  return [
    admin,
    { ...api, permissions: permissions.api },
    { ...worker, permissions: [...permissions.worker, ...(workerDeletions ? permissions.eraser : [])] },
    ...(eraser === undefined ? [] : [{ ...eraser, permissions: permissions.eraser }]),
  ];
}
