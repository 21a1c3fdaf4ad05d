import type { DeviceId, OrgId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import { isOrg } from './of-org.ts';

/**
 * What a device may read: the active sessions of the sites that it is restricted to, and what it shot itself. A device
 * without such a restriction reads only the latter. These conditions are added to the one that a row belongs to a visible
 * site. They read the sites in the statement itself, so that a poll need not wait for the access check. See
 * docs/decisions/0019-device-scope.md.
 */
export class DeviceScope {
  readonly #orgId: OrgId;
  readonly #deviceId: DeviceId;

  constructor(orgId: OrgId, deviceId: DeviceId) {
    this.#orgId = orgId;
    this.#deviceId = deviceId;
  }

  /** Whether the device may read the session with this alias: at least the session itself and its own frames. */
  session(alias: string): RawBuilder<boolean> {
    const session = (column: string) => sql.ref(`${alias}.${column}`);
    return sql<boolean>`(${this.wholeSession(alias)} or exists (
      select from session_devices shooting
      where ${this.#ofDevice('shooting')} and shooting.session_id = ${session('id')}))`;
  }

  /** Whether the device may read every frame: it created the session, or the session is active at one of these sites. */
  wholeSession(alias: string): RawBuilder<boolean> {
    const session = (column: string) => sql.ref(`${alias}.${column}`);
    return sql<boolean>`(${session('device_id')} = ${this.#deviceId}
      or (${session('status')} = 'active' and ${session('site_id')} in (${this.#sites()})))`;
  }

  image(alias: string): RawBuilder<boolean> {
    const image = (column: string) => sql.ref(`${alias}.${column}`);
    return sql<boolean>`(${image('device_id')} = ${this.#deviceId} or exists (
      select from sessions whole
      where ${isOrg('whole.org_id', this.#orgId)} and whole.id = ${image('session_id')} and ${this.wholeSession('whole')}))`;
  }

  /** Selects the ids of all sessions that the device may read. */
  sessionIds(): RawBuilder<unknown> {
    const ofOrg = isOrg('own.org_id', this.#orgId);
    return sql`
      select own.id from sessions own where ${ofOrg} and own.device_id = ${this.#deviceId}
      union
      select shooting.session_id from session_devices shooting where ${this.#ofDevice('shooting')}
      union
      select own.id from sessions own where ${ofOrg} and own.status = 'active' and own.site_id in (${this.#sites()})`;
  }

  #sites(): RawBuilder<unknown> {
    return sql`select bound.site_id from device_site_access bound where ${this.#ofDevice('bound')}`;
  }

  #ofDevice(alias: string): RawBuilder<boolean> {
    return sql<boolean>`${isOrg(`${alias}.org_id`, this.#orgId)} and ${sql.ref(`${alias}.device_id`)} = ${this.#deviceId}`;
  }
}
