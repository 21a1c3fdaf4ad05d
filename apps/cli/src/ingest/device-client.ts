import { hostname } from 'node:os';
import { ApiError, type Client, createClient } from '@spinbay/client';
import type { IngestState } from './ingest-state.ts';
import { tryOn } from './try-on.ts';

/**
 * This computer as a device of the organization: known from an earlier run, or enrolled now.
 * @param code of enrolment, where the organization wants one; not used by a device that is known
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
  const token = await refresh(anonymous, facts, state).catch(async (error: unknown) => {
    // The installation was made anew, or an administrator removed the device's record.
    if (error instanceof ApiError && error.code === 'device_secret_invalid') return null;
    throw error;
  });
  const valid = token ?? (await enrol(anonymous, { ...facts, enrolment_code: code }, state));
  return createClient({ baseUrl: api, token: () => valid });
}

type Facts = {
  org_id: string;
  platform: string;
  model: string;
  app_version: string;
  enrolment_code?: string | undefined;
};

async function refresh(client: Client, facts: Facts, state: IngestState): Promise<string | null> {
  const known = await state.device();
  if (known === null) return null;
  const { body } = await tryOn(() => client.authDevice({ body: { ...facts, ...known } }));
  return body.token;
}

async function enrol(client: Client, facts: Facts, state: IngestState): Promise<string> {
  const { body } = await tryOn(() => client.authDevice({ body: facts }));
  if (body.device_secret !== undefined)
    await state.keepDevice({ device_id: body.device_id, device_secret: body.device_secret });
  return body.token;
}
