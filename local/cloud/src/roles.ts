import type { AccessKey, Permission } from './access.ts';

type KeyPair = Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'>;

const photos = 'org/';

/** What API and worker may do, here as under IAM. */
const permissions: Readonly<Record<'api' | 'worker', readonly Permission[]>> = {
  // Presigned URLs carry the permissions of who signs them: uploads and downloads of photos. The API looks at an object and
  // sends its message where the bucket sends no event.
  api: [
    { actions: ['s3:PutObject', 's3:GetObject'], prefix: photos },
    { actions: ['s3:ListBucket', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'] },
  ],
  worker: [
    { actions: ['s3:PutObject', 's3:GetObject', 's3:GetObjectTagging'], prefix: photos },
    {
      actions: [
        // With it, S3 answers 404 for an object that is missing, and 403 without.
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

/** `admin` creates bucket and queues at the start of an installation, and may do everything. */
export function withPermissions(keys: { admin: KeyPair; api: KeyPair; worker: KeyPair }): AccessKey[] {
  return [
    keys.admin,
    { ...keys.api, permissions: permissions.api },
    { ...keys.worker, permissions: permissions.worker },
  ];
}
