import { Email, fail, isFailure, OrgId, SessionId, UserId, VehicleId } from '@spinbay/contracts';
import {
  eraseOrganization,
  eraseSession,
  eraseUser,
  eraseVehicle,
  findUserByEmail,
  listOrganizations,
  type OrganizationLine,
  type OrgTx,
  restoreOrganization,
  restoreSession,
  restoreVehicle,
  type Store,
} from '@spinbay/core';
import { readSettings } from '@spinbay/runtime';
import { z } from 'zod';
import { findOrganization, orThrow } from '../org/find.ts';
import { withInstallation } from '../org/installation.ts';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { parseOption } from '../terminal/parse-option.ts';
import { print } from '../terminal/print.ts';

const usage = 'erase session|vehicle|person|organization ID [--org ORG] [--yes | --undo]';
const details = `
  Hides a session, a vehicle with all its photos, or an organization immediately, and erases it after
  ERASE_UNDO_MINUTES; --undo restores it until then. A person (by id or email address) is erased
  immediately and permanently. Without --yes, the command only shows what would be erased. Name the organization
  with --org if several have the id or the person. The command works on the database of DATABASE_URL, as the role
  that owns the tables. Without DATABASE_URL, it works on the installation that runs here.`;

export const erase = {
  usage,
  about: 'Erases a session, a vehicle, a person or an organization, on the server itself.',
  details,
  run: (args: string[]) => runErase(args, process.env, print),
};

const flags = {
  org: { type: 'string' },
  yes: { type: 'boolean', default: false },
  undo: { type: 'boolean', default: false },
} as const;

const Kind = z.enum(['session', 'vehicle', 'person', 'organization']);
/** The operator of the server. The audit log shows "system". */
const actor = { type: 'system' as const };

/** @returns the exit status */
export async function runErase(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void,
): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, flags);
  const [kind, id] = positionals;
  if (positionals.length !== 2 || (values.yes && values.undo))
    throw new CommandError(`Usage: spinbay ${usage}\n${details}`);
  const settings = readSettings(environment, ['ERASE_UNDO_MINUTES']);
  const eraseAfter = new Date(Date.now() + settings.ERASE_UNDO_MINUTES * 60_000);
  const request: EraseRequest = {
    id,
    org: values.org,
    mode: values.undo ? 'undo' : values.yes ? 'erase' : 'preview',
    eraseAfter,
  };
  const run = erasers[parseOption(usage, 'erase', Kind, kind)];
  print(await withInstallation(environment, ({ store }) => run(store, request)));
  return 0;
}

interface EraseRequest {
  readonly id: string | undefined;
  readonly org: string | undefined;
  readonly mode: 'preview' | 'erase' | 'undo';
  readonly eraseAfter: Date;
}

const erasers: Record<z.output<typeof Kind>, (store: Store, request: EraseRequest) => Promise<string>> = {
  session: async (store, request) => {
    const id = parseOption(usage, 'ID', SessionId, request.id);
    return inOrganizationOf(store, request, async (tx) => {
      if (request.mode === 'undo') {
        const restored = await restoreSession(tx, id, actor);
        return isFailure(restored) ? restored : 'The session was restored.';
      }
      const outcome = await eraseSession(tx, id, { eraseAfter: request.eraseAfter, confirmed: true }, actor);
      return isFailure(outcome)
        ? outcome
        : erasureText(`The session with ${outcome.erasure.photos} photos`, request, outcome.erasure);
    });
  },
  vehicle: async (store, request) => {
    const id = parseOption(usage, 'ID', VehicleId, request.id);
    return inOrganizationOf(store, request, async (tx) => {
      if (request.mode === 'undo') {
        const restored = await restoreVehicle(tx, id, actor);
        return isFailure(restored) ? restored : 'The vehicle was restored with its sessions.';
      }
      const outcome = await eraseVehicle(tx, id, { eraseAfter: request.eraseAfter, confirmed: true }, actor);
      return isFailure(outcome)
        ? outcome
        : erasureText(`The vehicle with ${outcome.erasure.photos} photos`, request, outcome.erasure);
    });
  },
  person: async (store, request) => {
    if (request.mode === 'undo')
      throw new CommandError('The erasure of a person cannot be undone. Add them again with "spinbay org user".');
    const wanted = parseOption(usage, 'ID', z.union([UserId, Email]), request.id);
    return inOrganizationOf(store, request, async (tx) => {
      const id = UserId.safeParse(wanted).data ?? (await findUserByEmail(tx, wanted))?.id;
      if (id === undefined) return fail('user_not_found');
      const outcome = await eraseUser(tx, id, actor);
      if (isFailure(outcome)) return outcome;
      if (request.mode === 'preview')
        throw new CommandError(
          `${wanted} would be erased, immediately and permanently. Repeat the command with --yes.`,
        );
      return 'Name, email address and memberships are erased. What this person did stays, without their name.';
    });
  },
  organization: async (store, request) => {
    if (request.mode === 'undo') {
      // The list of organizations no longer contains it, so it is found by id only.
      const id = parseOption(usage, 'ID', OrgId, request.id);
      orThrow(await store.forOrg(id, 'all').transact((tx) => restoreOrganization(tx, actor)));
      return 'The organization was restored.';
    }
    const { id, name } = await findOrganization(store, request.id);
    const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
      const erased = await eraseOrganization(tx, { name, eraseAfter: request.eraseAfter }, actor);
      return isFailure(erased)
        ? erased
        : erasureText(`${name} (${id}) with ${erased.erasure.photos} photos`, request, erased.erasure);
    });
    return orThrow(outcome);
  },
};

/** @throws CommandError without --yes, so that the transaction is rolled back */
function erasureText(what: string, { mode }: EraseRequest, { eraseAfter }: { eraseAfter: Date }): string {
  if (mode === 'preview') throw new CommandError(`${what} would be erased. Repeat the command with --yes.`);
  return `${what} is hidden now and will be erased after ${eraseAfter.toISOString()}. Until then --undo restores it.`;
}

type Run = (tx: OrgTx) => Promise<string | ReturnType<typeof fail>>;

/**
 * Runs the command in the organization that has the id.
 * @throws CommandError if several have it: apps create ids themselves, and a person may be in several
 */
async function inOrganizationOf(store: Store, { id: wanted, org }: EraseRequest, run: Run): Promise<string> {
  if (org !== undefined) return runIn(store, await findOrganization(store, org), run);
  const organizations = await listOrganizations(store);
  const holders: OrganizationLine[] = [];
  for (const one of organizations) if (await hasId(store, one, run)) holders.push(one);
  if (holders.length > 1)
    throw new CommandError(
      `${wanted} is in ${holders.length} organizations: ${holders.map(({ id, name }) => `${name} (${id})`).join(', ')}. Name one with --org.`,
    );
  // If no organization has the id, the command runs in the first one, and its refusal says that the id does not exist.
  const [organization = organizations[0]] = holders;
  if (organization === undefined) return orThrow<string>(fail('org_unknown'));
  return runIn(store, organization, run);
}

async function runIn(store: Store, { id }: OrganizationLine, run: Run): Promise<string> {
  return orThrow<string>(await store.forOrg(id, 'all').transact(run));
}

/** Tries the command in a transaction that is rolled back. */
async function hasId(store: Store, { id }: OrganizationLine, run: Run): Promise<boolean> {
  const undone = new Error('rolled back');
  let isThere = true;
  try {
    await store.forOrg(id, 'all').transact(async (tx) => {
      const outcome = await run(tx);
      isThere = !isFailure(outcome) || !/_not_found$/.test(outcome.failure);
      throw undone;
    });
  } catch (error) {
    // A preview ends with a CommandError.
    if (error !== undone && !(error instanceof CommandError)) throw error;
  }
  return isThere;
}
