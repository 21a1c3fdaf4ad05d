import { describe, expect, test } from 'vitest';
import { maxNotifications, photoSuffixes } from '../src/event-suffixes.ts';
import { environments, synthesised } from './templates.ts';

describe.each(environments)('%s', (environment) => {
  const aws = synthesised(environment);
  const photos = aws.one('AWS::S3::Bucket', 'Photos');
  const queue = aws.one('AWS::SQS::Queue', 'Queue');

  test('the photo bucket keeps every version, is encrypted, and refuses public access and plain HTTP', () => {
    expect(photos.properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(photos.properties.BucketEncryption).toBeDefined();
    const policy = aws.one('AWS::S3::BucketPolicy', 'PhotosPolicy').properties.PolicyDocument;
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('replaced and deleted photos and incomplete uploads expire', () => {
    const rules = photos.properties.LifecycleConfiguration.Rules;
    expect(rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    );
    expect(rules).toContainEqual(
      expect.objectContaining({
        NoncurrentVersionExpiration: { NoncurrentDays: expect.any(Number) },
        ExpiredObjectDeleteMarker: true,
      }),
    );
    // No rule deletes the current version of a photo.
    for (const rule of rules) expect([rule.ExpirationInDays, rule.ExpirationDate]).toEqual([undefined, undefined]);
  });

  test('S3 sends an event to the queue for each photo under org/, with extensions in any case, without a function in between', () => {
    const configurations = photos.properties.NotificationConfiguration.QueueConfigurations;
    const rules = configurations.map(
      (configuration: { Filter: { S3Key: { Rules: unknown[] } } }) => configuration.Filter.S3Key.Rules,
    );
    expect(rules).toEqual(
      photoSuffixes.map((value) => [
        { Name: 'prefix', Value: 'org/' },
        { Name: 'suffix', Value: value },
      ]),
    );
    for (const ending of ['.jpg', '.JPG', '.Jpeg', '.heic', '.HEIC', '.heif', '.HeIf'])
      expect(photoSuffixes).toContain(ending);
    expect(configurations.length).toBeLessThanOrEqual(maxNotifications);
    for (const { Event, Queue } of configurations)
      expect([Event, aws.text('data', Queue)]).toEqual(['s3:ObjectCreated:*', `data.${queue.id}.Arn`]);
    expect(aws.resources.filter(({ type }) => type.startsWith('Custom::'))).toEqual([]);
  });

  test('the queue accepts messages only from that bucket of this account, and is set up before the bucket', () => {
    const { PolicyDocument } = aws.one('AWS::SQS::QueuePolicy', 'QueuePolicy').properties;
    const allowed = PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(allowed).toEqual([
      expect.objectContaining({
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: {
          ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${photos.properties.BucketName}` },
          StringEquals: { 'aws:SourceAccount': '111122223333' },
        },
      }),
    ]);
  });

  test('a message that failed three times goes to the dead-letter queue and stays there for two weeks', () => {
    const dead = aws.one('AWS::SQS::Queue', 'DeadLetters');
    expect(queue.properties.RedrivePolicy.maxReceiveCount).toBe(3);
    expect(aws.text('data', queue.properties.RedrivePolicy.deadLetterTargetArn)).toBe(`data.${dead.id}.Arn`);
    expect(dead.properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });
});
