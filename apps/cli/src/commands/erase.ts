import { Email, fail, isFailure, OrgId, SessionId, UserId, VehicleId } from '@spinbay/contracts';
import {
  eraseOrganization,
  eraseSession,
  eraseUser,
  eraseVehicle,
  findUserByEmail,
  listOrganizations,
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
  immediately and permanently. Without --yes it only shows what would be erased. --org names the organization
  if several have the id. It uses the database of DATABASE_URL, with the role that owns the tables,
  or else the installation that runs here.`;

export const erase = {
  usage,
  about: 'Erases a session, a vehicle, a person or an organization, on the server itself.',
  details,
  run: (args: string[]) => eraseAnything(args, process.env, print),
};

const flags = {
  org: { type: 'string' },
  yes: { type: 'boolean', default: false },
  undo: { type: 'boolean', default: false },
} as const;

const Kind = z.enum(['session', 'vehicle', 'person', 'organization']);
/** The operator of the server, who is "system" in the audit log. */
const actor = { type: 'system' as const };

/** @returns the exit status */
export async function eraseAnything(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
  say: (text: string) => void,
): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, flags);
  const [kind, id] = positionals;
  if (positionals.length !== 2 || (values.yes && values.undo))
    throw new CommandError(`Usage: spinbay ${usage}\n${details}`);
  const settings = readSettings(environment, ['ERASE_UNDO_MINUTES']);
  const eraseAfter = new Date(Date.now() + settings.ERASE_UNDO_MINUTES * 60_000);
  const work: Work = { id, org: values.org, mode: values.undo ? 'undo' : values.yes ? 'erase' : 'look', eraseAfter };
  const run = works[parseOption(usage, 'the first word', Kind, kind)];
  say(await withInstallation(environment, ({ store }) => run(store, work)));
  return 0;
}

interface Work {
  readonly id: string | undefined;
  readonly org: string | undefined;
  readonly mode: 'look' | 'erase' | 'undo';
  readonly eraseAfter: Date;
}

const works: Record<z.output<typeof Kind>, (store: Store, work: Work) => Promise<string>> = {
  session: async (store, work) => {
    const id = parseOption(usage, 'ID', SessionId, work.id);
    return inItsOrganization(store, work, async (tx) => {
      if (work.mode === 'undo') {
        const restored = await restoreSession(tx, id, actor);
        return isFailure(restored) ? restored : 'The session was restored.';
      }
      const outcome = await eraseSession(tx, id, { eraseAfter: work.eraseAfter, confirmed: true }, actor);
      return isFailure(outcome)
        ? outcome
        : erasureText(`The session with ${outcome.erasure.photos} photos`, work, outcome.erasure);
    });
  },
  vehicle: async (store, work) => {
    const id = parseOption(usage, 'ID', VehicleId, work.id);
    return inItsOrganization(store, work, async (tx) => {
      if (work.mode === 'undo') {
        const restored = await restoreVehicle(tx, id, actor);
        return isFailure(restored) ? restored : 'The vehicle was restored with its sessions.';
      }
      const outcome = await eraseVehicle(tx, id, { eraseAfter: work.eraseAfter, confirmed: true }, actor);
      return isFailure(outcome)
        ? outcome
        : erasureText(`The vehicle with ${outcome.erasure.photos} photos`, work, outcome.erasure);
    });
  },
  person: async (store, work) => {
    if (work.mode === 'undo')
      throw new CommandError('The erasure of a person cannot be undone. Add them again with "spinbay org user".');
    const wanted = parseOption(usage, 'ID', z.union([UserId, Email]), work.id);
    if (work.org === undefined) await assertOneOrganization(store, wanted);
    return inItsOrganization(store, work, async (tx) => {
      const id = UserId.safeParse(wanted).data ?? (await findUserByEmail(tx, wanted))?.id;
      if (id === undefined) return fail('user_not_found');
      const outcome = await eraseUser(tx, id, actor);
      if (isFailure(outcome)) return outcome;
      if (work.mode === 'look')
        throw new CommandError(
          `${wanted} would be erased, immediately and permanently. Repeat the command with --yes.`,
        );
      return 'Name, email address and memberships are erased. What this person did stays, without their name.';
    });
  },
  organization: async (store, work) => {
    if (work.mode === 'undo') {
      // Lists no longer contain it.
      const id = parseOption(usage, 'ID', OrgId, work.id);
      orThrow(await store.forOrg(id, 'all').transact((tx) => restoreOrganization(tx, actor)));
      return 'The organization was restored.';
    }
    const { id, name } = await findOrganization(store, work.id);
    const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
      const erased = await eraseOrganization(tx, { name, eraseAfter: work.eraseAfter }, actor);
      return isFailure(erased)
        ? erased
        : erasureText(`${name} (${id}) with ${erased.erasure.photos} photos`, work, erased.erasure);
    });
    return orThrow(outcome);
  },
};

/** @throws CommandError if several organizations have a person with this address, because an erasure is permanent */
async function assertOneOrganization(store: Store, email: string): Promise<void> {
  const names: string[] = [];
  for (const { id, name } of await listOrganizations(store)) {
    const user = await store.forOrg(id, 'all').read((tx) => findUserByEmail(tx, email));
    if (user !== undefined) names.push(name);
  }
  if (names.length > 1)
    throw new CommandError(`${email} is in ${names.length} organizations: ${names.join(', ')}. Name one with --org.`);
}

/** @throws CommandError without --yes, so that the transaction is rolled back */
function erasureText(what: string, { mode }: Work, { eraseAfter }: { eraseAfter: Date }): string {
  if (mode === 'look') throw new CommandError(`${what} would be erased. Repeat the command with --yes.`);
  return `${what} is hidden now and will be erased after ${eraseAfter.toISOString()}. Until then --undo restores it.`;
}

/** Runs the command in the organization that has the id. */
async function inItsOrganization(
  store: Store,
  { org }: Work,
  run: (tx: OrgTx) => Promise<string | ReturnType<typeof fail>>,
): Promise<string> {
  const organizations = org === undefined ? await listOrganizations(store) : [await findOrganization(store, org)];
  let refusal: ReturnType<typeof fail> = fail('org_unknown');
  for (const { id } of organizations) {
    const outcome = await store.forOrg(id, 'all').transact(run);
    if (!isFailure(outcome)) return outcome;
    refusal = outcome;
    if (!/_not_found$/.test(outcome.failure)) break;
  }
  return orThrow<string>(refusal);
}
