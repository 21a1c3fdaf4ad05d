import type { AccessKey, Permission } from './access.ts';

type KeyPair = Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'>;

const photos = 'org/';

/** The permissions of API and worker, as in IAM. */
const permissions: Readonly<Record<'api' | 'worker', readonly Permission[]>> = {
  // Presigned URLs have the permissions of their signer: uploads and downloads of photos. If the bucket emits no events, the
  // API looks up the object and sends the message itself.
  api: [
    { actions: ['s3:PutObject', 's3:GetObject'], prefix: photos },
    { actions: ['s3:ListBucket', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'] },
  ],
  worker: [
    // The worker deletes erased objects and objects without a row.
    { actions: ['s3:PutObject', 's3:GetObject', 's3:GetObjectTagging', 's3:DeleteObject'], prefix: photos },
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
};

/** `admin` has all permissions. It creates bucket and queues at the start of an installation. */
export function withPermissions(keys: { admin: KeyPair; api: KeyPair; worker: KeyPair }): AccessKey[] {
  return [
    keys.admin,
    { ...keys.api, permissions: permissions.api },
    { ...keys.worker, permissions: permissions.worker },
  ];
}
