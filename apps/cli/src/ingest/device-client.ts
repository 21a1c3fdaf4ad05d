import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ApiError, type Client, createClient } from '@spinbay/client';
import { DeviceId } from '@spinbay/contracts';
import { v7 } from 'uuid';
import type { IngestState, KnownDevice } from './ingest-state.ts';
import { retry } from './retry.ts';

/** Refresh a token that expires sooner than this. */
const refreshBeforeMs = 24 * 3_600_000;

/**
 * Connects this computer as a device of the organization: one known from an earlier run, or a new one.
 * @param code the enrolment code, if the organization requires one; a known device does not use it
 */
export async function connectAsDevice(
  api: string,
  orgId: string,
  state: IngestState,
  appVersion: string,
  code?: string,
): Promise<Client> {
  const anonymous = createClient({ baseUrl: api });
  const facts = {
    org_id: orgId,
    platform: 'cli',
    model: `Tethered camera (${hostname()})`.slice(0, 200),
    app_version: appVersion,
  };
  const known = await state.device();
  const token =
    (known && (await validToken(api, known))) ??
    (known?.enrolled ? await refresh(anonymous, facts, state, known) : null) ??
    (await enrol(anonymous, { ...facts, enrolment_code: code }, state, known));
  return createClient({ baseUrl: api, token: () => token });
}

interface Facts {
  readonly org_id: string;
  readonly platform: string;
  readonly model: string;
  readonly app_version: string;
  readonly enrolment_code?: string | undefined;
}

/** The token of an earlier run, if the server still accepts it. */
async function validToken(api: string, { token }: KnownDevice): Promise<string | null> {
  if (token === undefined || Date.parse(token.expires_at) - Date.now() < refreshBeforeMs) return null;
  const client = createClient({ baseUrl: api, token: () => token.value });
  try {
    await retry(() => client.listSites());
    return token.value;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** @returns null if the server does not know the device, for example because the server was set up again */
async function refresh(
  client: Client,
  facts: Facts,
  state: IngestState,
  { device_id, device_secret }: KnownDevice,
): Promise<string | null> {
  try {
    const { body } = await retry(() => client.authDevice({ body: { ...facts, device_id, device_secret } }));
    return await storeToken(state, device_secret, body);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'device_secret_invalid') return null;
    throw error;
  }
}

/**
 * Creates the secret here and stores it before sending it, so that a lost reply does not use up a code or leave an unusable
 * device.
 */
async function enrol(client: Client, facts: Facts, state: IngestState, known: KnownDevice | null): Promise<string> {
  const fresh = {
    device_id: DeviceId.parse(v7()),
    device_secret: randomBytes(32).toString('base64url'),
    enrolled: false,
  };
  // The server no longer knows this device.
  if (known?.enrolled) await state.storeDevice(fresh);
  const key = await state.storeNewDevice(fresh);
  const installation_key = await state.installationKey();
  const body = { ...facts, device_id: key.device_id, new_secret: key.device_secret, installation_key };
  return storeToken(state, key.device_secret, (await retry(() => client.authDevice({ body }))).body);
}

async function storeToken(
  state: IngestState,
  secret: string,
  { device_id, device_secret = secret, token, expires_at }: Awaited<ReturnType<Client['authDevice']>>['body'],
): Promise<string> {
  await state.storeDevice({ device_id, device_secret, enrolled: true, token: { value: token, expires_at } });
  return token;
}
