import { createClient } from '@spinbay/client';
import { DeviceId } from '@spinbay/contracts';
import type { Platform } from '../../platform/platform.tsx';
import { type AuthFault, authFaultOf, isEnded, isTemporary, NotStored } from './auth-fault.ts';
import { DeviceRecord } from './device-record.ts';
import type { Enrolment } from './enrolment.ts';

/**
 * - `none`: this device was never enrolled
 * - `enrolled`: it was enrolled, and the server has not refused it since
 * - `signed_out`: the server no longer accepts it; photos wait until it is enrolled again
 */
export type AuthState =
  | { readonly status: 'none' }
  | { readonly status: 'enrolled'; readonly deviceId: string; readonly orgId: string }
  | { readonly status: 'signed_out'; readonly deviceId: string; readonly orgId: string; readonly why: AuthFault };

export interface DeviceAuthOptions {
  readonly platform: Pick<Platform, 'secrets' | 'exclusive' | 'randomId' | 'randomSecret' | 'name' | 'model'>;
  readonly api: string;
  /** The organization in the configuration. A scanned code may name another one. */
  readonly orgId: string | null;
  readonly appVersion: string;
  readonly now?: () => number;
}

const key = 'device';
/** An enrolment request that has no reply yet. */
const pendingKey = 'enrolling';
/** Identifies this app to the organization when it enrols again. Created once, and kept after a revocation. */
const installationKey = 'installation';
/** A token is valid for 30 days. A phone that was off over a weekend must not come back signed out. */
const refreshBeforeMs = 3 * 24 * 3_600_000;

/** Enrols this device, refreshes its token, and notices when it was revoked. */
export class DeviceAuth {
  readonly #options: DeviceAuthOptions;
  readonly #listeners = new Set<() => void>();
  #record: DeviceRecord | null = null;
  #state: AuthState = { status: 'none' };
  #refreshing: Promise<'refreshed' | 'signed_out'> | null = null;

  private constructor(options: DeviceAuthOptions) {
    this.#options = options;
  }

  static async open(options: DeviceAuthOptions): Promise<DeviceAuth> {
    const auth = new DeviceAuth(options);
    auth.#record = await auth.#read();
    auth.#change(null);
    return auth;
  }

  state = (): AuthState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  token(): string | undefined {
    return this.#record?.token?.value;
  }

  /** Null: this device is not enrolled. */
  orgId(): string | null {
    return this.#state.status === 'none' ? null : this.#state.orgId;
  }

  /** Stores the secret before it is sent, so that a lost reply does not use up the code. @returns why it failed, or null */
  async enrol({ code, org_id, api }: Enrolment): Promise<AuthFault | null> {
    if (api !== undefined && api !== this.#options.api) return 'other_server';
    const orgId = org_id ?? this.#record?.org_id ?? this.#options.orgId;
    if (orgId === null) return 'org_missing';
    const { platform } = this.#options;
    const enrolAs = async (record: DeviceRecord) => {
      await this.#write(pendingKey, record);
      await this.#ask(record, {
        new_secret: record.device_secret,
        installation_key: await this.#installation(),
        ...(code === undefined ? {} : { enrolment_code: code }),
      });
    };
    const enrol = async () => {
      // After a lost reply the same request is repeated, so that the server recognizes the device.
      const pending = await this.#read(pendingKey);
      const repeated = pending?.org_id === orgId ? pending : null;
      try {
        await enrolAs(repeated ?? this.#newRecord(orgId));
      } catch (error) {
        // The server no longer accepts the device of the lost reply, whatever the code. The app enrols as another device.
        if (repeated === null || !isEnded(authFaultOf(error))) throw error;
        await enrolAs(this.#newRecord(orgId));
      }
      await this.#write(pendingKey, null);
      return null;
    };
    return platform.exclusive(key, enrol).catch(authFaultOf);
  }

  /**
   * Refreshes a token that expires within three days, unless another window has done it. Called at launch and every hour.
   * @throws as `onUnauthorized`
   */
  async refreshIfDue(): Promise<void> {
    this.#adopt(await this.#read());
    const expires = Date.parse(this.#record?.token?.expires_at ?? '');
    if (!this.#record?.enrolled || expires - this.#now() > refreshBeforeMs) return;
    await this.#refresh(this.#record.token?.value);
  }

  /**
   * Replaces a token that the server refused. Requests that are refused at the same time share one refresh.
   * @param refused the token of the request
   * @throws the error, if the server cannot be reached or is busy; nothing then changes
   */
  async onUnauthorized(refused: string | undefined): Promise<'refreshed' | 'signed_out'> {
    if (this.#record === null) return 'signed_out';
    return this.#refresh(refused);
  }

  /** @param refused the token to replace; another window may already have replaced it */
  #refresh(refused: string | undefined): Promise<'refreshed' | 'signed_out'> {
    this.#refreshing ??= this.#replaceToken(refused).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  #replaceToken(refused: string | undefined): Promise<'refreshed' | 'signed_out'> {
    return this.#options.platform.exclusive(key, async () => {
      const record = await this.#read();
      if (record === null) return 'signed_out';
      if (record.token !== null && record.token.value !== refused) {
        this.#adopt(record);
        return 'refreshed';
      }
      try {
        await this.#ask(record, { device_secret: record.device_secret });
        return 'refreshed';
      } catch (error) {
        const fault = authFaultOf(error);
        if (isTemporary(fault)) throw error;
        this.#change(fault);
        return 'signed_out';
      }
    });
  }

  /** Uses the stored record if another window has replaced the token. */
  #adopt(record: DeviceRecord | null): void {
    if (record === null || record.token?.value === this.#record?.token?.value) return;
    this.#record = record;
    this.#change(null);
  }

  async #ask(
    record: DeviceRecord,
    proof: { new_secret: string; installation_key: string; enrolment_code?: string } | { device_secret: string },
  ): Promise<void> {
    const { platform, api, appVersion } = this.#options;
    const { body } = await createClient({ baseUrl: api, timeoutMs: 15_000 }).authDevice({
      body: {
        org_id: record.org_id,
        platform: platform.name,
        model: platform.model,
        app_version: appVersion,
        device_id: DeviceId.parse(record.device_id),
        ...proof,
      } as Parameters<ReturnType<typeof createClient>['authDevice']>[0]['body'],
    });
    const kept: DeviceRecord = {
      ...record,
      enrolled: true,
      device_secret: body.device_secret ?? record.device_secret,
      token: { value: body.token, expires_at: body.expires_at },
    };
    await this.#write(key, kept);
    this.#record = kept;
    this.#change(null);
  }

  async #installation(): Promise<string> {
    const { secrets, randomSecret } = this.#options.platform;
    const kept = await secrets.get(installationKey);
    if (typeof kept === 'string') return kept;
    const made = randomSecret();
    await this.#write(installationKey, made);
    return made;
  }

  #newRecord(orgId: string): DeviceRecord {
    const { platform, api } = this.#options;
    return {
      api,
      org_id: orgId,
      device_id: platform.randomId(),
      device_secret: platform.randomSecret(),
      enrolled: false,
      token: null,
    };
  }

  async #read(from = key): Promise<DeviceRecord | null> {
    const parsed = DeviceRecord.safeParse(await this.#options.platform.secrets.get(from));
    // An enrolment at another installation cannot be used here.
    return parsed.success && parsed.data.api === this.#options.api ? parsed.data : null;
  }

  /** @throws NotStored */
  async #write(to: string, value: unknown): Promise<void> {
    await this.#options.platform.secrets.set(to, value).catch((cause: unknown) => {
      throw new NotStored('The credentials could not be stored.', { cause });
    });
  }

  #change(why: AuthFault | null): void {
    const record = this.#record;
    const before = this.#state;
    if (!record?.enrolled) this.#state = { status: 'none' };
    else {
      const { device_id: deviceId, org_id: orgId } = record;
      this.#state =
        why === null ? { status: 'enrolled', deviceId, orgId } : { status: 'signed_out', deviceId, orgId, why };
    }
    if (JSON.stringify(before) === JSON.stringify(this.#state)) return;
    for (const listener of this.#listeners) listener();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
