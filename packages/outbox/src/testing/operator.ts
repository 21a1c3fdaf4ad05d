import { defaultShotList, type ErrorCode } from '@spinbay/contracts';
import { StorageFull } from '../index.ts';
import type { SimBytes } from './memory-store.ts';
import { type SimTab, SimWorld } from './sim-world.ts';

/** A photo that the app has confirmed as stored. */
export interface Shot {
  readonly image_id: string;
  readonly session_id: string;
  readonly original: SimBytes;
  removed: boolean;
  /** The system deleted its bytes before they were sent. */
  evicted: boolean;
}

/** An operator with a phone. Records everything that the app has confirmed, so that tests can check its outcome. */
export class Operator {
  readonly world: SimWorld;
  readonly sessions: { readonly id: string; readonly org: string; status: 'active' | 'completed' | 'abandoned' }[] = [];
  readonly shots: Shot[] = [];
  /** The organizations of the recorded events. */
  readonly events: string[] = [];
  /** Sessions and photos that the app refused to store. */
  readonly notKept: string[] = [];
  tab: SimTab;

  private constructor(world: SimWorld, tab: SimTab) {
    this.world = world;
    this.tab = tab;
  }

  static async begin(random?: () => number): Promise<Operator> {
    const world = new SimWorld(random);
    const tab = await world.during(world.open());
    return new Operator(world, tab);
  }

  /** @returns null if the device is full */
  async newSession(): Promise<string | null> {
    const id = this.world.newId();
    const isStored = await this.#stored(
      this.tab.outbox.addSession({
        id,
        site_id: this.world.newId(),
        vehicle: { stock: 'A-1' },
        mode: 'studio360',
        shot_list: defaultShotList('studio360'),
        created_at: this.#now(),
      }),
    );
    if (!isStored) {
      this.notKept.push(id);
      return null;
    }
    this.sessions.push({ id, org: this.world.org, status: 'active' });
    return id;
  }

  async shoot({
    withPreview = false,
    refusal = null as ErrorCode | null,
    size = 3_000_000,
  } = {}): Promise<Shot | null> {
    const session = this.sessions.findLast(({ org, status }) => status === 'active' && org === this.world.org);
    const session_id = session?.id ?? (await this.newSession());
    if (session_id === null) return null;
    const image_id = this.world.newId();
    const original = this.world.newPhoto(size);
    if (refusal !== null) this.world.server.refused.set(image_id, refusal);
    const photo = {
      ...{ image_id, session_id, original },
      angle_deg: (this.shots.length % 24) * 15,
      captured_at: this.#now(),
      content_type: 'image/jpeg' as const,
      ...(withPreview ? { preview: this.world.newPhoto(size / 20) } : {}),
    };
    if (!(await this.#stored(this.tab.outbox.addPhoto(photo)))) {
      this.notKept.push(image_id);
      return null;
    }
    const shot = { image_id, session_id, original, removed: false, evicted: false };
    this.shots.push(shot);
    return shot;
  }

  async undo(): Promise<void> {
    const last = this.shots.at(-1);
    if (last === undefined || last.removed) return;
    last.removed = (await this.#confirmed(this.tab.outbox.removePhoto(last.image_id))) === 'removed';
  }

  async endSession(status: 'completed' | 'abandoned' = 'completed'): Promise<void> {
    const session = this.sessions.findLast(({ org, status: is }) => is === 'active' && org === this.world.org);
    if (session === undefined) return;
    const end = { session_id: session.id, status, at: this.#now() };
    if (await this.#stored(this.tab.outbox.endSession(end))) session.status = status;
  }

  async recordEvent(): Promise<void> {
    const { org } = this.world;
    const entity_id = this.sessions.find((session) => session.org === org)?.id ?? (await this.newSession());
    if (entity_id === null) return;
    const event = { entity_type: 'session', entity_id, type: 'shutter', at: this.#now() } as const;
    if (await this.#stored(this.tab.outbox.addEvent(event))) this.events.push(org);
  }

  /** Kills the app, whatever it is doing, and reopens it. */
  async restart(): Promise<void> {
    for (const tab of [...this.world.tabs]) tab.kill();
    this.tab = await this.world.during(this.world.open());
  }

  async openAnotherTab(): Promise<void> {
    if (this.world.tabs.size < 3) this.tab = await this.world.during(this.world.open());
  }

  /** Kills one of several tabs, possibly the sending one. */
  async killOneTab(which: number): Promise<void> {
    const tabs = [...this.world.tabs];
    if (tabs.length < 2) return this.restart();
    tabs[which % tabs.length]?.kill();
    const [left] = this.world.tabs;
    if (left !== undefined) this.tab = left;
  }

  /** Deletes the bytes of an unsent photo, as the system may do. */
  evict(which: number): void {
    const held = this.shots.filter(({ image_id }) => this.world.disk.bytes.has(`${image_id}/original`));
    const shot = held[which % Math.max(1, held.length)];
    if (shot === undefined) return;
    this.world.disk.bytes.delete(`${shot.image_id}/original`);
    shot.evicted = true;
  }

  #now(): string {
    return new Date(this.world.clock.now()).toISOString();
  }

  /** @returns whether there was room for it */
  async #stored(promise: Promise<void>): Promise<boolean> {
    try {
      await this.#confirmed(promise);
      return true;
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      return false;
    }
  }

  #confirmed<T>(promise: Promise<T>): Promise<T> {
    return this.world.during(promise);
  }
}
