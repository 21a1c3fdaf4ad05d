import { describe, expect, test } from 'vitest';
import { isAllowed, type Role, rolesOf } from './policies.ts';
import recorded from './recorded-calls.json' with { type: 'json' };
import { environments, synthesised } from './templates.ts';

const ofCluster = 'A task has a new id at each start. The permission is limited to the tasks of the cluster.';
/** Every wildcard in the permissions of a role, with its reason. A new one fails until it is listed here. */
const wildcards: Readonly<Record<string, string>> = {
  'ecs:GetTaskProtection task/CLUSTER/*': ofCluster,
  'ecs:UpdateTaskProtection task/CLUSTER/*': ofCluster,
  'ecr:GetAuthorizationToken *': 'It has no resource: AWS accepts only "*". For the roles that start tasks.',
  's3:GetObject org/*': 'Each upload creates new photo keys. The permission is limited to their prefix.',
  's3:PutObject org/*': 'Each upload creates new photo keys. The permission is limited to their prefix.',
  's3:PutObjectTagging org/*': 'Each upload creates new photo keys. The permission is limited to their prefix.',
  's3:DeleteObject org/*': 'Each upload creates new photo keys. The permission is limited to their prefix.',
  's3:GetObjectTagging org/*': 'Each upload creates new photo keys. The permission is limited to their prefix.',
};

const everyRole = ['api', 'worker', 'eraser', 'migrate'] as const satisfies readonly Role[];

describe.each(environments)('%s', (environment) => {
  const aws = synthesised(environment);
  const roles = rolesOf(aws);
  const bucket = aws.one('AWS::S3::Bucket', 'Photos').properties.BucketName;
  const arnOf = (on: string) => {
    if (on === 'spinbay-images') return `data.${aws.one('AWS::SQS::Queue', 'Queue').id}.Arn`;
    if (on === 'spinbay-images-dlq') return `data.${aws.one('AWS::SQS::Queue', 'DeadLetters').id}.Arn`;
    return `arn:aws:s3:::${bucket}${on.slice('spinbay'.length)}`;
  };
  const cluster = aws.one('AWS::ECS::Cluster').properties.ClusterName;
  const tasks = `arn:aws:ecs:eu-central-1:111122223333:task/${cluster}/`;
  const shorten = (arn: string) => arn.replace(`arn:aws:s3:::${bucket}/`, '').replace(tasks, 'task/CLUSTER/');
  const may = (role: Role, action: string, on: string) => isAllowed(roles[role], action, arnOf(on));

  test('each wildcard of each role is listed with its reason', () => {
    const found = aws.ofType('AWS::IAM::Policy').flatMap(({ stack, properties }) =>
      properties.PolicyDocument.Statement.flatMap((statement: { Action: string | string[]; Resource: unknown }) =>
        [statement.Action].flat().flatMap((action) =>
          [statement.Resource]
            .flat()
            .map((resource) => aws.text(stack, resource))
            .filter((resource) => resource.includes('*') || action.includes('*'))
            .map((resource) => `${action} ${shorten(resource)}`),
        ),
      ),
    );
    expect([...new Set(found)].filter((wildcard) => !(wildcard in wildcards))).toEqual([]);
    // No listed wildcard is unused. A Lambda function has no task.
    const unused = Object.keys(wildcards).filter((wildcard) => !found.includes(wildcard));
    expect(unused).toEqual(environment === 'staging' ? unused.filter((wildcard) => wildcard.startsWith('ecs:')) : []);
  });

  test('the only managed policy is that of AWS for functions in a VPC', () => {
    const managed = aws
      .ofType('AWS::IAM::Role')
      .flatMap(({ stack, properties }) =>
        (properties.ManagedPolicyArns ?? []).map((arn: unknown) => aws.text(stack, arn)),
      );
    expect(managed.every((arn) => arn.endsWith(':aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'))).toBe(true);
    expect(managed.length).toBe(environment === 'staging' ? 1 : 0);
  });

  test('each role may make every S3 and SQS call that it made for a spin and its erasure on one machine', () => {
    expect(new Set(recorded.map(({ role }) => role))).toEqual(new Set(['api', 'worker', 'eraser']));
    // For a Lambda function, AWS receives and deletes the messages with the same role.
    const refused = recorded.filter(({ role, action, on }) => !may(role as Role, action, on));
    expect(refused).toEqual([]);
  });

  test('only a worker on Fargate may protect tasks, and only those of its cluster', () => {
    for (const action of ['ecs:UpdateTaskProtection', 'ecs:GetTaskProtection']) {
      expect(isAllowed(roles.worker, action, `${tasks}1234`)).toBe(environment !== 'staging');
      expect(isAllowed(roles.worker, action, tasks.replace(cluster, 'another').concat('1234'))).toBe(false);
      for (const role of ['api', 'eraser', 'migrate'] as const)
        expect(isAllowed(roles[role], action, `${tasks}1234`)).toBe(false);
    }
    for (const action of ['ecs:StopTask', 'ecs:UpdateService', 'ecs:RunTask'])
      expect(isAllowed(roles.worker, action, `${tasks}1234`)).toBe(false);
  });

  const photo = 'spinbay/org/ID/site/ID/session/ID/ID.jpg';
  test.each<[Role, string, string]>([
    ['api', 's3:DeleteObject', photo],
    ['api', 's3:DeleteObjectVersion', photo],
    ['api', 's3:PutObjectAcl', photo],
    ['api', 's3:PutObject', 'spinbay/page.html'],
    ['api', 's3:PutObjectTagging', 'spinbay/page.html'],
    ['api', 's3:GetObject', 'spinbay/backup/secret'],
    ['api', 's3:GetObject', 'spinbay/organisation/x'],
    ['api', 's3:ListBucket', 'spinbay'],
    ['api', 's3:PutBucketCORS', 'spinbay'],
    ['api', 'sqs:ReceiveMessage', 'spinbay-images'],
    ['api', 'sqs:SendMessage', 'spinbay-images'],
    ['worker', 's3:DeleteObject', photo],
    ['worker', 's3:DeleteObjectVersion', photo],
    ['worker', 's3:PutObject', 'spinbay/page.html'],
    ['worker', 's3:PutObjectTagging', photo],
    ['worker', 's3:PutBucketNotification', 'spinbay'],
    ['worker', 'sqs:SetQueueAttributes', 'spinbay-images'],
    ['worker', 'sqs:PurgeQueue', 'spinbay-images'],
    ['worker', 'sqs:ReceiveMessage', 'spinbay-images-dlq'],
    ['worker', 'sqs:DeleteMessage', 'spinbay-images-dlq'],
    ['eraser', 's3:DeleteObject', 'spinbay/page.html'],
    ['eraser', 's3:DeleteObjectVersion', photo],
    ['eraser', 's3:GetObject', photo],
    ['eraser', 's3:PutObject', photo],
    ['eraser', 'sqs:ReceiveMessage', 'spinbay-images'],
    ['eraser', 'sqs:SendMessage', 'spinbay-images'],
    ['migrate', 's3:GetObject', photo],
    ['migrate', 'sqs:ReceiveMessage', 'spinbay-images'],
  ])('%s may not %s on %s', (role, action, on) => expect(may(role, action, on)).toBe(false));

  test('each role reads only the secrets that it needs, and only migrations read the owner’s password', () => {
    const secret = (id: string) => {
      const attachment = aws.resources.find(
        (r) => r.type === 'AWS::SecretsManager::SecretTargetAttachment' && r.id.startsWith(id),
      );
      return `data.${(attachment ?? aws.one('AWS::SecretsManager::Secret', id)).id}`;
    };
    const readers = (arn: string) =>
      everyRole.filter((role) => isAllowed(roles[role], 'secretsmanager:GetSecretValue', arn));
    expect(readers(secret('DatabaseSecret'))).toEqual(['migrate']);
    expect(readers(`data.${aws.one('AWS::SecretsManager::Secret', 'SigningKeys').id}`)).toEqual(['api', 'migrate']);
    expect(readers(`data.${aws.one('AWS::SecretsManager::Secret', 'AppSecret').id}`)).toEqual([
      'api',
      'worker',
      'eraser',
      'migrate',
    ]);
    const keys = `data.${aws.one('AWS::SecretsManager::Secret', 'SigningKeys').id}`;
    const writers = everyRole.filter((role) => isAllowed(roles[role], 'secretsmanager:PutSecretValue', keys));
    expect(writers).toEqual(['migrate']);
  });
});
