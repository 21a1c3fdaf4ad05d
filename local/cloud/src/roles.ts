import type { AccessKey, Permission } from './access.ts';

type KeyPair = Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'>;

const photos = 'org/';

/** The permissions of the processes, as in IAM. */
const permissions: Readonly<Record<'api' | 'worker' | 'eraser', readonly Permission[]>> = {
  // Presigned URLs have the permissions of their signer: uploads and downloads of photos. If the bucket emits no events, the
  // API looks up the object and sends the message itself.
  api: [
    { actions: ['s3:PutObject', 's3:GetObject'], prefix: photos },
    { actions: ['s3:ListBucket', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'] },
  ],
  worker: [
    { actions: ['s3:PutObject', 's3:GetObject', 's3:GetObjectTagging'], prefix: photos },
    {
      actions: [
        // With this permission, S3 answers 404 for a missing object, without it 403.
        's3:ListBucket',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:SendMessage',
      ],
    },
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
 * `admin` has all permissions. It creates the bucket and the queues when an installation starts.
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
