import { describe, expect, test } from 'vitest';
import { environments, synthesised } from './templates.ts';

describe.each(environments)('%s', (environment) => {
  const aws = synthesised(environment);
  const instance = aws.one('AWS::RDS::DBInstance');

  test('the database is PostgreSQL 18 on Amazon RDS, private, encrypted, and accepts TLS only', () => {
    expect(instance.properties).toMatchObject({
      Engine: 'postgres',
      EngineVersion: '18',
      PubliclyAccessible: false,
      StorageEncrypted: true,
      DBName: 'spinbay',
    });
    expect(aws.one('AWS::RDS::DBParameterGroup').properties.Parameters).toEqual({ 'rds.force_ssl': '1' });
    if (environment !== 'dev') expect(instance.properties.MultiAZ).toBe(true);
  });

  test('only the API, the worker, the eraser, the migrations and the rotation can reach the database', () => {
    const rules = aws.ofType('AWS::EC2::SecurityGroupIngress').filter(({ id }) => id.startsWith('DatabaseGroup'));
    expect(rules.map(({ properties }) => [properties.FromPort, properties.ToPort])).toEqual(
      rules.map(() => [5432, 5432]),
    );
    const from = rules.map(({ stack, properties }) => aws.text(stack, properties.SourceSecurityGroupId));
    expect(from.map((text) => /network\.(\w+Group)/.exec(text)?.[1]).sort()).toEqual([
      'ApiGroup',
      'EraserGroup',
      'MigrateGroup',
      'RotationGroup',
      'WorkerGroup',
    ]);
    const group = aws.one('AWS::EC2::SecurityGroup', 'DatabaseGroup').properties;
    expect([group.SecurityGroupIngress, group.SecurityGroupEgress[0].CidrIp]).toEqual([
      undefined,
      '255.255.255.255/32',
    ]);
  });

  test('any second of the backup period can be restored', () => {
    expect(instance.properties.BackupRetentionPeriod).toBeGreaterThanOrEqual(7);
    expect(instance.properties.CopyTagsToSnapshot).toBe(true);
  });

  test('passwords come from Secrets Manager: no template and no setting contains one', () => {
    const owner = aws.one('AWS::SecretsManager::Secret', 'DatabaseSecret').properties.GenerateSecretString;
    const app = aws.one('AWS::SecretsManager::Secret', 'AppSecret').properties.GenerateSecretString;
    expect(JSON.parse(owner.SecretStringTemplate)).toEqual({ username: 'spinbay_owner' });
    expect(JSON.parse(app.SecretStringTemplate)).toEqual({ username: 'spinbay_app' });
    for (const { properties } of aws.ofType('AWS::ECS::TaskDefinition')) {
      const [{ Environment }] = properties.ContainerDefinitions;
      const settings = Object.fromEntries(
        Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
      );
      const url = aws.text('data', settings.DATABASE_URL);
      expect(url).toMatch(/^postgres:\/\/spinbay_(app|owner)@.*\/spinbay\?sslmode=verify-full&sslrootcert=/);
      expect(settings.DATABASE_SECRET).toBeDefined();
    }
  });

  test('the password of the API and the worker is rotated every 30 days, in a stack that is deployed after the migrations', () => {
    const rotation = aws.one('AWS::SecretsManager::RotationSchedule');
    expect(rotation.stack).toBe('api');
    expect(rotation.properties).toMatchObject({
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
      HostedRotationLambda: { RotationType: 'PostgreSQLSingleUser' },
    });
    expect(aws.text('api', rotation.properties.SecretId)).toMatch(/^data\.AppSecret/);
  });
});

test('in production the database is in two zones, keeps backups for five weeks and outlives its stack', () => {
  const instance = synthesised('prod').one('AWS::RDS::DBInstance');
  expect(instance.deletionPolicy).toBe('Retain');
  expect(instance.properties).toMatchObject({
    MultiAZ: true,
    DeletionProtection: true,
    DeleteAutomatedBackups: false,
    BackupRetentionPeriod: 35,
  });
});
