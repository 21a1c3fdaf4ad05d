/** A permission of an access key: IAM action names, and a key prefix for actions on objects. */
export interface Permission {
  readonly actions: readonly Action[];
  /** The prefix of object keys. Left out for actions on a bucket or a queue. */
  readonly prefix?: string;
}

export type Action =
  | 's3:CreateBucket'
  | 's3:ListBucket'
  | 's3:PutBucketCORS'
  | 's3:PutBucketNotification'
  | 's3:PutObject'
  | 's3:GetObject'
  | 's3:GetObjectTagging'
  | 's3:DeleteObject'
  | 'sqs:CreateQueue'
  | 'sqs:SetQueueAttributes'
  | 'sqs:GetQueueAttributes'
  | 'sqs:GetQueueUrl'
  | 'sqs:SendMessage'
  | 'sqs:ReceiveMessage'
  | 'sqs:DeleteMessage'
  | 'sqs:ChangeMessageVisibility';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Default: all permissions. */
  readonly permissions?: readonly Permission[];
}

/** @param objectKey the key, for an action on an object */
export function isAllowed(key: AccessKey | undefined, action: Action, objectKey?: string): boolean {
  if (key === undefined) return false;
  if (key.permissions === undefined) return true;
  return key.permissions.some(
    ({ actions, prefix }) =>
      actions.includes(action) && (prefix === undefined || objectKey?.startsWith(prefix) === true),
  );
}
