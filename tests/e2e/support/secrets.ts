import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation, Place } from './installation.ts';

interface Secrets {
  readonly postgresPassword: string;
  readonly ownerPassword: string;
  readonly cloudPassword: string;
  readonly accessKeys: Record<'admin' | 'api' | 'worker', { accessKeyId: string; secretAccessKey: string }>;
}

export function secretsOf(place: Place): Secrets {
  return JSON.parse(readFileSync(join(place.dataDir, 'secrets.json'), 'utf8')) as Secrets;
}

/** The installation's database, as the owner of its tables, the role of the local S3 and SQS server, or the superuser. */
export function databaseUrl(place: Place, { endpoints }: Installation, role: 'owner' | 'cloud' | 'postgres'): string {
  const { [`${role}Password` as const]: password } = secretsOf(place);
  const url = new URL(endpoints.database);
  url.username = role === 'postgres' ? role : `spinbay_${role}`;
  url.password = password;
  return url.toString();
}
