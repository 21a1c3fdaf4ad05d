import { StoreBusy } from './faults.ts';
import { RecentUse } from './recent-use.ts';

export interface SlotLimits {
  /** The maximum number of concurrent transactions, one connection each. */
  readonly total: number;
  /** The maximum number of these for one organization. */
  readonly perOrg: number;
  /** The same for one caller. A caller who has held connections for most of the last seconds gets one at a time. */
  readonly perCaller: number;
  /** The maximum number of waiting transactions. More are refused immediately. */
  readonly waitingPerOrg: number;
  readonly waitingPerCaller: number;
  /** The longest wait in ms, after which a transaction is refused. */
  readonly waitMs: number;
}

/** The owner of a transaction. The system itself has no caller. */
export interface SlotOwner {
  readonly orgId?: string | undefined;
  /** The reason for a read before the organization is known. Each purpose has the same limits as an organization. */
  readonly purpose?: string | undefined;
  /** Unique within the organization. */
  readonly callerId?: string | undefined;
}

interface Waiter {
  readonly callerId: string;
  readonly start: () => void;
}

interface OrgState {
  readonly orgId: string;
  running: number;
  readonly runningBy: Map<string, number>;
  readonly waiting: Waiter[];
}

/**
 * Decides whose transaction gets a connection next, so that no organization and no caller slows down the others. Each has a
 * limit of running and of waiting transactions. Free connections go to the waiting organizations in turn (round robin). A caller
 * with expensive queries gets one connection at a time: two of them occupied both cores of a small database server.
 */
export class ConnectionSlots {
  readonly #limits: SlotLimits;
  /** In the order of their turns. */
  readonly #orgs = new Map<string, OrgState>();
  readonly #recentUse: RecentUse;
  readonly #now: () => number;
  #running = 0;

  constructor(limits: SlotLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#recentUse = new RecentUse(now);
    this.#now = now;
  }

  /**
   * Waits for a slot.
   * @returns the function that releases it
   * @throws StoreBusy if the queue is full, or the wait took too long
   */
  async acquire({ purpose = '', orgId = purpose, callerId = '' }: SlotOwner): Promise<() => void> {
    const org = this.#orgs.get(orgId) ?? { orgId, running: 0, runningBy: new Map(), waiting: [] };
    this.#orgs.set(orgId, org);
    try {
      if (this.#running >= this.#limits.total || !this.#mayRun(org, callerId)) await this.#wait(org, callerId);
      else this.#start(org, callerId);
    } catch (error) {
      this.#forgetIdle(org);
      throw error;
    }
    const startedAt = this.#now();
    return () => {
      if (callerId !== '') this.#recentUse.add(callerIn(org, callerId), this.#now() - startedAt);
      this.#release(org, callerId);
    };
  }

  #wait(org: OrgState, callerId: string): Promise<void> {
    const { waitingPerOrg, waitingPerCaller, waitMs } = this.#limits;
    const own = callerId === '' ? 0 : org.waiting.filter((waiter) => waiter.callerId === callerId).length;
    if (org.waiting.length >= waitingPerOrg || own >= waitingPerCaller) throw this.#refusal(org, callerId);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        org.waiting.splice(org.waiting.indexOf(waiter), 1);
        reject(this.#refusal(org, callerId));
      }, waitMs);
      const waiter: Waiter = {
        callerId,
        start: () => {
          clearTimeout(timer);
          this.#start(org, callerId);
          resolve();
        },
      };
      org.waiting.push(waiter);
    });
  }

  /**
   * The refusal names the narrowest limit that was reached: that of the caller, of their organization, or of the
   * server.
   */
  #refusal(org: OrgState, callerId: string): StoreBusy {
    if (!this.#callerMayRun(org, callerId)) return new StoreBusy('caller');
    return new StoreBusy(org.running >= this.#limits.perOrg ? 'organization' : 'server');
  }

  #mayRun(org: OrgState, callerId: string): boolean {
    return org.running < this.#limits.perOrg && this.#callerMayRun(org, callerId);
  }

  #callerMayRun(org: OrgState, callerId: string): boolean {
    if (callerId === '') return true;
    const limit = this.#recentUse.isBusy(callerIn(org, callerId)) ? 1 : this.#limits.perCaller;
    return (org.runningBy.get(callerId) ?? 0) < limit;
  }

  #start(org: OrgState, callerId: string): void {
    this.#running += 1;
    org.running += 1;
    org.runningBy.set(callerId, (org.runningBy.get(callerId) ?? 0) + 1);
  }

  #release(org: OrgState, callerId: string): void {
    this.#running -= 1;
    org.running -= 1;
    const left = (org.runningBy.get(callerId) ?? 0) - 1;
    if (left > 0) org.runningBy.set(callerId, left);
    else org.runningBy.delete(callerId);
    this.#endTurn(org);
    this.#startNext();
    this.#forgetIdle(org);
  }

  #forgetIdle(org: OrgState): void {
    if (org.running === 0 && org.waiting.length === 0) this.#orgs.delete(org.orgId);
  }

  /** Gives free connections to the next organization in turn that has a transaction within its limits. */
  #startNext(): void {
    for (const org of this.#orgs.values()) {
      if (this.#running >= this.#limits.total) return;
      const index = org.waiting.findIndex((waiter) => this.#mayRun(org, waiter.callerId));
      if (index === -1) continue;
      const [waiter] = org.waiting.splice(index, 1);
      waiter?.start();
      this.#endTurn(org);
    }
  }

  #endTurn(org: OrgState): void {
    this.#orgs.delete(org.orgId);
    this.#orgs.set(org.orgId, org);
  }
}

/** Includes the organization, because a device chooses its own id, and could choose that of a device elsewhere. */
function callerIn({ orgId }: OrgState, callerId: string): string {
  return `${orgId}/${callerId}`;
}
