import { CfnOutput, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secrets from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { photoSuffixes } from '../event-suffixes.ts';
import type { NetworkStack } from './network.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

/** The common prefix of all photos, whose keys begin with `org/{org_id}/site/{site_id}/session/{session_id}/`. */
export const photoPrefix = 'org/';
/** Deliveries of a message before it goes to the dead-letter queue. */
const maxReceiveCount = 3;
const databaseName = 'spinbay';
const ownerRole = 'spinbay_owner';
export const appRole = 'spinbay_app';
const redisPort = 6379;

interface DataStackProps extends SpinbayStackProps {
  readonly network: NetworkStack;
}

/** The data that must not be lost: photos, queue, database, keys. */
export class DataStack extends SpinbayStack {
  readonly key: kms.Key;
  readonly photos: s3.Bucket;
  /** Known before the bucket exists, because content security policies contain it. */
  readonly photoBucketName: string;
  readonly accessLogs: s3.Bucket;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly database: rds.DatabaseInstance;
  /** The password of the role that owns the tables. For one-off tasks only. */
  readonly ownerSecret: secrets.ISecret;
  /** The password of the role of the API, the worker and the eraser. */
  readonly appSecret: secrets.Secret;
  readonly signingKeys: secrets.ISecret;
  readonly redisUrl: secrets.ISecret;

  constructor(scope: Construct, { network, ...props }: DataStackProps) {
    super(scope, 'data', props);
    this.key = new kms.Key(this, 'Key', {
      description: 'Spinbay: database, its backups, and secrets',
      enableKeyRotation: true,
      removalPolicy: this.#removal(),
    });
    this.photoBucketName = this.#bucketName('photos');
    this.accessLogs = this.#makeAccessLogs();
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.queue = this.#makeQueue();
    this.photos = this.#makePhotos();

    this.appSecret = new secrets.Secret(this, 'AppSecret', {
      description: 'Spinbay: database role of the API and the worker. Rotated automatically.',
      encryptionKey: this.key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: appRole }),
        generateStringKey: 'password',
        passwordLength: 48,
        excludePunctuation: true,
      },
    });
    acknowledge(this.appSecret, { 'AwsSolutions-SMG4': 'It is rotated: the schedule is in the stack "api".' });
    this.database = this.#makeDatabase(network);
    if (this.database.secret === undefined) throw new Error('the database has no owner secret');
    this.ownerSecret = this.database.secret;
    // Adds host, port and engine to the secret. The rotation needs them to find the database.
    this.appSecret.attach(this.database);
    this.signingKeys = this.#makeSigningKeys();
    this.redisUrl = this.#makeRedis(network);

    new CfnOutput(this, 'PhotoBucket', { value: this.photos.bucketName });
    new CfnOutput(this, 'QueueUrl', { value: this.queue.queueUrl });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: this.deadLetters.queueUrl });
    new CfnOutput(this, 'DatabaseAddress', { value: this.database.dbInstanceEndpointAddress });
    new CfnOutput(this, 'SigningKeysSecret', { value: this.signingKeys.secretArn });
  }

  /** The URL of a role, without its password, which is in a secret. The image has the RDS certificates at that path. */
  databaseUrl(role: 'owner' | 'app'): string {
    const { dbInstanceEndpointAddress: host, dbInstanceEndpointPort: port } = this.database;
    const user = role === 'owner' ? ownerRole : appRole;
    return `postgres://${user}@${host}:${port}/${databaseName}?sslmode=verify-full&sslrootcert=/app/rds-ca.pem`;
  }

  #removal(): RemovalPolicy {
    return this.params.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  /** A fixed name, because the queue's policy refers to the bucket and the bucket refers to the queue. */
  #bucketName(purpose: string): string {
    const { name, account, region } = this.params;
    return `spinbay-${name}-${purpose}-${account}-${region}`;
  }

  #makeAccessLogs(): s3.Bucket {
    const bucket = new s3.Bucket(this, 'AccessLogs', {
      bucketName: this.#bucketName('logs'),
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(this.params.retention.logDays) }],
      removalPolicy: this.#removal(),
    });
    acknowledge(bucket, { 'AwsSolutions-S1': 'This bucket receives the access logs of the others.' });
    return bucket;
  }

  #makeQueue(): sqs.Queue {
    const { worker } = this.params;
    const queue = new sqs.Queue(this, 'Queue', {
      retentionPeriod: Duration.days(14),
      // A worker extends it while it works. A Lambda function cannot: AWS recommends six times its timeout.
      visibilityTimeout: Duration.seconds(worker.kind === 'lambda' ? 6 * worker.timeoutSeconds : 60),
      receiveMessageWaitTime: Duration.seconds(20),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    queue.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'EventsOfThePhotos',
        principals: [new iam.ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${this.photoBucketName}` },
          StringEquals: { 'aws:SourceAccount': this.account },
        },
      }),
    );
    return queue;
  }

  #makePhotos(): s3.Bucket {
    const { domains, retention } = this.params;
    const bucket = new s3.Bucket(this, 'Photos', {
      bucketName: this.photoBucketName,
      versioned: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'photos/',
      cors: [
        {
          allowedOrigins: [`https://${domains.portal}`, `https://${domains.capture}`],
          allowedMethods: [s3.HttpMethods.GET, s3.HttpMethods.HEAD, s3.HttpMethods.PUT],
          allowedHeaders: ['content-type', 'x-amz-checksum-sha256', 'x-amz-tagging'],
          exposedHeaders: ['ETag'],
          maxAge: 3600,
        },
      ],
      lifecycleRules: [
        { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        {
          id: 'replaced-and-deleted',
          noncurrentVersionExpiration: Duration.days(retention.replacedPhotoDays),
          expiredObjectDeleteMarker: true,
        },
      ],
      removalPolicy: this.#removal(),
    });
    // The construct's method would add a Lambda function with a wildcard policy.
    const { node } = bucket;
    (node.defaultChild as s3.CfnBucket).notificationConfiguration = {
      queueConfigurations: photoSuffixes.map((value) => ({
        event: 's3:ObjectCreated:*',
        queue: this.queue.queueArn,
        filter: {
          s3Key: {
            rules: [
              { name: 'prefix', value: photoPrefix },
              { name: 'suffix', value },
            ],
          },
        },
      })),
    };
    // S3 sends a test event when notifications are set up, so the queue must accept events before that.
    const policy = this.queue.node.findChild('Policy');
    node.addDependency(policy);
    return bucket;
  }

  #makeDatabase(network: NetworkStack): rds.DatabaseInstance {
    const { database, protectData } = this.params;
    const group = new ec2.SecurityGroup(this, 'DatabaseGroup', {
      vpc: network.vpc,
      description: 'Spinbay database: PostgreSQL from the API, worker, eraser, migrations and rotation only',
      allowAllOutbound: false,
    });
    const { apiGroup, workerGroup, eraserGroup, migrateGroup, rotationGroup } = network;
    for (const client of [apiGroup, workerGroup, eraserGroup, migrateGroup, rotationGroup])
      group.addIngressRule(client, ec2.Port.tcp(5432), 'PostgreSQL');
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_18 });
    const instance = new rds.DatabaseInstance(this, 'Database', {
      engine,
      instanceType: new ec2.InstanceType(database.instanceClass),
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'isolated' },
      securityGroups: [group],
      databaseName,
      credentials: rds.Credentials.fromUsername(ownerRole, { encryptionKey: this.key }),
      multiAz: database.multiAz,
      storageType: rds.StorageType.GP3,
      allocatedStorage: database.storageGb,
      maxAllocatedStorage: database.maxStorageGb,
      storageEncrypted: true,
      storageEncryptionKey: this.key,
      publiclyAccessible: false,
      backupRetention: Duration.days(database.backupDays),
      preferredBackupWindow: '02:00-03:00',
      preferredMaintenanceWindow: 'sun:03:30-sun:04:30',
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !protectData,
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.SNAPSHOT,
      autoMinorVersionUpgrade: true,
      // Setting the retention of this log group here would add a Lambda function with a wildcard policy.
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', {
        engine,
        description: 'Spinbay: encrypted connections only',
        parameters: { 'rds.force_ssl': '1' },
      }),
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.key,
    });
    acknowledge(instance, {
      'AwsSolutions-SMG4':
        'Only one-off tasks use the owner, for minutes. Rotate it by hand: docs/operations/rotate-secrets.md.',
      'AwsSolutions-RDS11':
        'Only five security groups can reach the port. Another port number would not improve security.',
      ...(database.multiAz
        ? {}
        : { 'AwsSolutions-RDS3': 'One zone is enough for an environment without availability promises.' }),
      ...(protectData ? {} : { 'AwsSolutions-RDS10': 'This environment has no data to protect and may be deleted.' }),
    });
    return instance;
  }

  /**
   * The secret is created without a value. The first deployment sets it with `spinbay keys create --if-missing`, which never
   * overwrites one.
   */
  #makeSigningKeys(): secrets.ISecret {
    const { name } = this.params;
    const secret = new secrets.CfnSecret(this, 'SigningKeys', {
      name: `spinbay/${name}/signing-keys`,
      description: 'Spinbay: the private keys (JWK set) that sign tokens',
      kmsKeyId: this.key.keyArn,
    });
    secret.applyRemovalPolicy(this.#removal());
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'Rotate it with "spinbay keys rotate", which adds a key and keeps the old ones until their tokens expire.',
    });
    return secrets.Secret.fromSecretCompleteArn(this, 'SigningKeysByArn', secret.ref);
  }

  #makeRedis(network: NetworkStack): secrets.ISecret {
    const { redisNode, name, availabilityZones } = this.params;
    const group = new ec2.SecurityGroup(this, 'RedisGroup', {
      vpc: network.vpc,
      description: 'Spinbay Redis: from the API only',
      allowAllOutbound: false,
    });
    group.addIngressRule(network.apiGroup, ec2.Port.tcp(redisPort), 'Redis');
    const subnets = new elasticache.CfnSubnetGroup(this, 'RedisSubnets', {
      description: 'Spinbay Redis',
      subnetIds: network.vpc.selectSubnets({ subnetGroupName: 'isolated' }).subnetIds,
    });
    const password = new secrets.Secret(this, 'RedisPassword', {
      description: 'Spinbay: password of Redis',
      encryptionKey: this.key,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });
    const redis = new elasticache.CfnReplicationGroup(this, 'Redis', {
      replicationGroupDescription: `Spinbay ${name}: rate limit counters`,
      engine: 'redis',
      engineVersion: '7.1',
      cacheNodeType: redisNode,
      numCacheClusters: availabilityZones.length,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [group.securityGroupId],
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      authToken: password.secretValue.unsafeUnwrap(),
    });
    acknowledge(redis, {
      'AwsSolutions-AEC5': 'Only the API can reach the port. Another port number would not improve security.',
    });
    const url = new secrets.CfnSecret(this, 'RedisUrl', {
      description: 'Spinbay: REDIS_URL of the API',
      kmsKeyId: this.key.keyArn,
      secretString: Fn.join('', [
        'rediss://:',
        password.secretValue.unsafeUnwrap(),
        '@',
        redis.attrPrimaryEndPointAddress,
        `:${redisPort}`,
      ]),
    });
    for (const secret of [password, url]) {
      acknowledge(secret, {
        'AwsSolutions-SMG4':
          'Redis holds only rate-limit counts of one minute. Rotate it by hand: docs/operations/rotate-secrets.md.',
      });
    }
    return secrets.Secret.fromSecretCompleteArn(this, 'RedisUrlByArn', url.ref);
  }
}
