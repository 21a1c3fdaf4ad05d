import { randomUUID } from 'node:crypto';
import type { ApiError } from '@spinbay/client';
import { type UserId, UserId as UserIdSchema, type UserRole } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let host: TestOrg;
beforeAll(async () => {
  api = await startTestApi();
  host = await api.makeOrg();
});
afterAll(() => api?.stop());

async function login(email: string, org_id?: string) {
  const { id_token, nonce } = await api.idToken(email);
  return api.client().authLogin({ body: { id_token, nonce, ...(org_id === undefined ? {} : { org_id }) } });
}
const signedIn = async (email: string, org_id?: string) => api.client((await login(email, org_id)).body.token);

/** A person of one organization whom the administrator of another one (`host`) has added. */
async function invite({ role = 'reviewer' }: { role?: UserRole } = {}) {
  const home = await api.makeOrg();
  const email = home.emailOf('reviewer');
  await login(email);
  const hostAdmin = await api.as(host, 'admin');
  const { body: added } = await hostAdmin.createUser({ body: { email, name: 'Foreign', role, site_ids: [] } });
  return { home, email, hostAdmin, added, hostName: await nameOf(host) };
}

async function nameOf({ orgId }: TestOrg): Promise<string> {
  return (await api.database.admin.query('select name from organizations where id = $1', [orgId])).rows[0].name;
}

async function auditOf({ orgId }: TestOrg, id: UserId): Promise<string[]> {
  const { rows } = await api.database.admin.query<{ type: string }>(
    `select type from events where org_id = $1 and entity_id = $2 and actor_id = $2 order by id`,
    [orgId, id],
  );
  return rows.map(({ type }) => type);
}

describe('an administrator adds the address of somebody who belongs to another organization', () => {
  test('their sign-in does not change and does not name the other organization', async () => {
    const { home, email, hostName } = await invite();
    const { id_token, nonce } = await api.idToken(email);
    const reply = await fetch(`${api.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id_token, nonce }),
    });
    const text = await reply.text();
    expect(reply.status).toBe(200);
    expect(JSON.parse(text).user.org_id).toBe(home.orgId);
    expect(text).not.toContain(hostName);
    expect(text).not.toContain(host.orgId);
  });

  test('a sign-in that names the other organization is refused, because a link does not accept an invitation', async () => {
    const { email } = await invite();
    expect(await refusal(login(email, host.orgId))).toBe('403 user_not_in_org');
    expect(await refusal(login(email, randomUUID()))).toBe('403 user_not_in_org');
  });

  test('the administrator does not learn whether the address belongs to somebody', async () => {
    const { hostAdmin, added } = await invite();
    const email = `nobody-${randomUUID()}@elsewhere.test`;
    const { body: unknown } = await hostAdmin.createUser({
      body: { email, name: 'Foreign', role: 'reviewer', site_ids: [] },
    });
    const same = { id: null, email: null, created_at: null };
    expect({ ...added, ...same }).toEqual({ ...unknown, ...same });
    expect(added.invitation).toBe('open');
  });

  test('only the owner of the address finds the invitation, and only they can answer it', async () => {
    const { home, email, added, hostName } = await invite({ role: 'admin' });
    const owner = await signedIn(email);
    expect((await owner.listInvitations()).body.items).toEqual([
      { id: added.id, org_id: host.orgId, org_name: hostName, role: 'admin' },
    ]);
    const params = { invitation_id: added.id };
    for (const other of [await api.as(home, 'admin'), await api.as(host, 'admin'), await api.as(host, 'operator')]) {
      expect((await other.listInvitations()).body.items).toEqual([]);
      expect(await refusal(other.acceptInvitation({ params }))).toBe('404 invitation_not_found');
      expect(await refusal(other.refuseInvitation({ params }))).toBe('404 invitation_not_found');
    }
    const unknown = { params: { invitation_id: UserIdSchema.parse(randomUUID()) } };
    expect(await refusal(owner.acceptInvitation(unknown))).toBe('404 invitation_not_found');
    expect((await owner.listInvitations()).body.items).toHaveLength(1);
  });

  test('a person who accepts can choose the inviting organization at the next sign-in; only its audit log records this', async () => {
    const { home, email, added } = await invite();
    const owner = await signedIn(email);
    const params = { invitation_id: added.id };
    expect((await owner.acceptInvitation({ params })).status).toBe(204);
    expect((await owner.listInvitations()).body.items).toEqual([]);
    expect(await refusal(owner.acceptInvitation({ params }))).toBe('404 invitation_not_found');
    expect(await refusal(owner.refuseInvitation({ params }))).toBe('404 invitation_not_found');
    const choice = (await login(email).catch((error: unknown) => error)) as ApiError;
    expect(choice).toMatchObject({ status: 409, code: 'org_choice_required' });
    expect(choice.organizations?.map(({ org_id }) => org_id).sort()).toEqual([home.orgId, host.orgId].sort());
    expect((await login(email, host.orgId)).body.user).toMatchObject({ org_id: host.orgId, role: 'reviewer' });
    expect((await login(email, home.orgId)).body.user.org_id).toBe(home.orgId);
    expect(await auditOf(host, added.id)).toEqual(['user.invitation_accepted', 'user.signed_in']);
    expect(await auditOf(home, added.id)).toEqual([]);
  });

  test('a person who refuses is asked again only after an administrator invites them again', async () => {
    const { home, email, hostAdmin, added } = await invite();
    const owner = await signedIn(email);
    const params = { invitation_id: added.id };
    expect((await owner.refuseInvitation({ params })).status).toBe(204);
    expect((await owner.listInvitations()).body.items).toEqual([]);
    expect(await refusal(owner.acceptInvitation({ params }))).toBe('404 invitation_not_found');
    expect((await login(email)).body.user.org_id).toBe(home.orgId);
    const error = (await login(email, host.orgId).catch((one: unknown) => one)) as ApiError;
    expect(error).toMatchObject({ status: 403, code: 'user_not_in_org' });
    expect(error.message).not.toContain('administrator has ended');
    const seen = (await hostAdmin.listUsers({ query: { limit: 200 } })).body.items.find(({ id }) => id === added.id);
    expect(seen).toMatchObject({ invitation: 'refused', disabled_at: expect.any(String) });
    expect(await auditOf(host, added.id)).toEqual(['user.invitation_refused']);
    const again = await hostAdmin.updateUser({ params: { user_id: added.id }, body: { disabled: false } });
    expect(again.body).toMatchObject({ invitation: 'open', disabled_at: null });
    expect((await owner.listInvitations()).body.items).toHaveLength(1);
  });

  test('an invitation that was withdrawn is gone', async () => {
    const { email, hostAdmin, added } = await invite();
    const owner = await signedIn(email);
    await hostAdmin.updateUser({ params: { user_id: added.id }, body: { disabled: true } });
    expect((await owner.listInvitations()).body.items).toEqual([]);
    expect(await refusal(owner.acceptInvitation({ params: { invitation_id: added.id } }))).toBe(
      '404 invitation_not_found',
    );
  });

  test('a person who has lost all other access signs in to the inviting organization directly', async () => {
    const { home, email } = await invite();
    await api.database.admin.query('update users set disabled_at = now() where org_id = $1', [home.orgId]);
    expect((await login(email)).body.user.org_id).toBe(host.orgId);
  });
});

test('a person without another membership accepts the invitation by signing in', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  const email = 'stranger@elsewhere.test';
  const { body: added } = await admin.createUser({ body: { email, name: 'New', role: 'operator', site_ids: [] } });
  expect(added.invitation).toBe('open');
  expect((await login(email)).body.user).toMatchObject({ id: added.id, org_id: org.orgId });
  const seen = (await admin.listUsers({ query: { limit: 200 } })).body.items.find(({ id }) => id === added.id);
  expect(seen?.invitation).toBe('accepted');
});

test('an administrator with an open invitation does not replace the last one who has accepted', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  // The test issuer knows the people of 12 organizations. This file creates fewer, so that this person belongs to none.
  const email = 'operator@org12.test';
  await admin.createUser({ body: { email, name: 'Second', role: 'admin', site_ids: [] } });
  const { items } = (await admin.listUsers({ query: { limit: 200 } })).body;
  const me = items.find((one) => one.email === org.emailOf('admin'));
  if (me === undefined) throw new Error('the administrator is not listed');
  const demote = () => admin.updateUser({ params: { user_id: me.id }, body: { role: 'operator' } });
  expect(await refusal(demote())).toBe('409 last_admin');
  expect(await refusal(admin.eraseUser({ params: { user_id: me.id } }))).toBe('409 last_admin');
  await login(email);
  expect((await demote()).body.role).toBe('operator');
});
