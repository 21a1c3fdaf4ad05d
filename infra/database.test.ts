import { describe, expect, test } from 'vitest';
import template from './database.template.json' with { type: 'json' };

const { Parameters, Resources, Outputs } = template;
const instance = Resources.Instance;

test('the database is a PostgreSQL of Amazon RDS in two zones, private and encrypted', () => {
  expect(instance.Type).toBe('AWS::RDS::DBInstance');
  expect(instance.Properties).toMatchObject({
    Engine: 'postgres',
    MultiAZ: true,
    PubliclyAccessible: false,
    StorageEncrypted: true,
    KmsKeyId: { Ref: 'Key' },
  });
  expect(Resources.ParameterGroup.Properties.Parameters['rds.force_ssl']).toBe('1');
  expect(Resources.SecurityGroup.Properties.SecurityGroupIngress).toEqual([
    expect.objectContaining({ FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: { Ref: 'ClientSecurityGroupId' } }),
  ]);
});

test('any second of the last days can be restored, and nothing goes with the stack', () => {
  expect(instance.Properties.BackupRetentionPeriod).toEqual({ Ref: 'BackupRetentionDays' });
  expect(Parameters.BackupRetentionDays.MinValue).toBeGreaterThanOrEqual(7);
  expect(instance).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  expect(instance.Properties).toMatchObject({ DeletionProtection: true, DeleteAutomatedBackups: false });
});

test('the connection string is a secret, its password is made by AWS and stands in no parameter', () => {
  expect(Resources.ConnectionString.Type).toBe('AWS::SecretsManager::Secret');
  const url = Resources.ConnectionString.Properties.SecretString['Fn::Sub'];
  expect(url).toMatch(
    /^postgres:\/\/spinbay_app:\{\{resolve:secretsmanager:\$\{AppPassword\}:SecretString:password\}\}@/,
  );
  expect(url).toMatch(/sslmode=verify-full$/);
  expect(Resources.AppPassword.Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(32);
  expect(instance.Properties.ManageMasterUserPassword).toBe(true);
  expect(Object.keys(Parameters).filter((name) => /password|secret/i.test(name))).toEqual([]);
});

describe('names', () => {
  const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources)]);
  const text = JSON.stringify({ Resources, Outputs });
  const referred = [
    ...[...text.matchAll(/"Ref":"(\w+)"/g)].map(([, name]) => name),
    ...[...text.matchAll(/"Fn::GetAtt":\["(\w+)"/g)].map(([, name]) => name),
    ...[...text.matchAll(/\$\{(\w+)(?:\.[\w.]+)?\}/g)].map(([, name]) => name),
  ];

  test.each([...new Set(referred)])('%s is there', (name) => expect(known).toContain(name));
});
