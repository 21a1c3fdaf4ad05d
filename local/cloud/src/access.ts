/** A permission of an access key: IAM action names, and the objects or the queue that they apply to. */
export type Permission =
  | { readonly actions: readonly BucketAction[] }
  /** `prefix`: what the object keys begin with. */
  | { readonly actions: readonly ObjectAction[]; readonly prefix: string }
  /** `queue`: the name of the queue. */
  | { readonly actions: readonly QueueAction[]; readonly queue: string };

type BucketAction = 's3:CreateBucket' | 's3:ListBucket' | 's3:PutBucketCORS' | 's3:PutBucketNotification';

type ObjectAction = 's3:PutObject' | 's3:PutObjectTagging' | 's3:GetObject' | 's3:GetObjectTagging' | 's3:DeleteObject';

type QueueAction =
  | 'sqs:CreateQueue'
  | 'sqs:SetQueueAttributes'
  | 'sqs:GetQueueAttributes'
  | 'sqs:GetQueueUrl'
  | 'sqs:SendMessage'
  | 'sqs:ReceiveMessage'
  | 'sqs:DeleteMessage'
  | 'sqs:ChangeMessageVisibility';

export type Action = BucketAction | ObjectAction | QueueAction;

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Default: all permissions. */
  readonly permissions?: readonly Permission[];
}

/** @param resource the object key or the name of the queue. Ignored for an action on a bucket */
export function isAllowed(key: AccessKey | undefined, action: Action, resource: string): boolean {
  return hasPermission(key, action, (permission) => {
    if ('prefix' in permission) return resource.startsWith(permission.prefix);
    return !('queue' in permission) || resource === permission.queue;
  });
}

/** Whether the key may do this on any resource. */
export function isAllowedAnywhere(key: AccessKey | undefined, action: Action): boolean {
  return hasPermission(key, action, () => true);
}

function hasPermission(
  key: AccessKey | undefined,
  action: Action,
  covers: (permission: Permission) => boolean,
): boolean {
  if (key === undefined) return false;
  if (key.permissions === undefined) return true;
  return key.permissions.some(
    (permission) => (permission.actions as readonly Action[]).includes(action) && covers(permission),
  );
}
