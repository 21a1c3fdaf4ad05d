import * as iam from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type DataStack, photoPrefix } from './stacks/data.ts';
import type { MigrateStack } from './stacks/migrate.ts';

/** All photos, by their common prefix. No other permission on the bucket has a wildcard. */
function photosOf(data: DataStack): string {
  return `arn:aws:s3:::${data.photoBucketName}/${photoPrefix}*`;
}

function allow(
  role: iam.IRole,
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: iam.Conditions,
): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({ sid, actions, resources, ...(conditions ? { conditions } : {}) }),
  );
}

/** Lets a role read secrets. The execution role of ECS needs this, too: it puts secrets into the environment of a task. */
export function readSecrets(role: iam.IRole, data: DataStack, secrets: readonly ISecret[]): void {
  allow(
    role,
    'ReadSecrets',
    ['secretsmanager:GetSecretValue'],
    secrets.map(({ secretArn }) => secretArn),
  );
  allow(role, 'DecryptSecrets', ['kms:Decrypt'], [data.key.keyArn], viaSecretsManager(data));
}

function viaSecretsManager(data: DataStack): iam.Conditions {
  return { StringEquals: { 'kms:ViaService': `secretsmanager.${data.params.region}.amazonaws.com` } };
}

function acknowledgePhotos(role: IConstruct, data: DataStack): void {
  acknowledge(role, {
    [`AwsSolutions-IAM5[Resource::${photosOf(data)}]`]:
      'Each upload creates new photo keys. The role is limited to their prefix, org/.',
  });
}

/** The API only signs uploads of photos with tags, and downloads. A presigned URL has the permissions of its signer. */
export function grantApi(role: iam.Role, data: DataStack): void {
  allow(role, 'SignPhotos', ['s3:PutObject', 's3:PutObjectTagging', 's3:GetObject'], [photosOf(data)]);
  readSecrets(role, data, [data.appSecret, data.signingKeys]);
  acknowledgePhotos(role, data);
}

/** The worker reads originals, writes thumbnails, and processes its queue. */
export function grantWorker(role: iam.Role, data: DataStack): void {
  allow(role, 'Photos', ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject'], [photosOf(data)]);
  // S3 answers 404 for a missing object with this permission, and 403 without it.
  allow(role, 'DetectMissingPhotos', ['s3:ListBucket'], [`arn:aws:s3:::${data.photoBucketName}`]);
  allow(
    role,
    'Queue',
    [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:SendMessage',
      'sqs:GetQueueAttributes',
    ],
    [data.queue.queueArn],
  );
  allow(role, 'CountDeadLetters', ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], [data.deadLetters.queueArn]);
  readSecrets(role, data, [data.appSecret]);
  acknowledgePhotos(role, data);
}

/** The eraser lists and deletes photos. It cannot read them. */
export function grantEraser(role: iam.Role, data: DataStack): void {
  allow(role, 'DeletePhotos', ['s3:DeleteObject'], [photosOf(data)]);
  allow(role, 'ListPhotos', ['s3:ListBucket'], [`arn:aws:s3:::${data.photoBucketName}`]);
  readSecrets(role, data, [data.appSecret]);
  acknowledgePhotos(role, data);
}

/** Lets a task protect itself from a scale-in. ECS checks the role of the task that asks its agent for this. */
export function grantProtection(role: iam.Role, { clusterName, params }: MigrateStack): void {
  const tasks = `arn:aws:ecs:${params.region}:${params.account}:task/${clusterName}/*`;
  allow(role, 'ProtectTasks', ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'], [tasks]);
  acknowledge(role, {
    [`AwsSolutions-IAM5[Resource::${tasks}]`]:
      'A task has a new id at each start. The role is limited to the tasks of the cluster.',
  });
}

/** One-off tasks run migrations and create the first signing keys. */
export function grantMigrate(role: iam.Role, data: DataStack): void {
  readSecrets(role, data, [data.ownerSecret, data.appSecret, data.signingKeys]);
  allow(role, 'WriteSigningKeys', ['secretsmanager:PutSecretValue'], [data.signingKeys.secretArn]);
  allow(role, 'EncryptSigningKeys', ['kms:GenerateDataKey'], [data.key.keyArn], viaSecretsManager(data));
}
