import { type ErrorCode, errorTable, type Failure, isFailure, type SiteId } from '@spinbay/contracts';
import { getOrganization, listOrganizations, type OrganizationLine, type OrgTx, type Store } from '@spinbay/core';
import { CommandError } from '../terminal/command-error.ts';

/** Finds one organization by id or exact name. */
export async function findOrganization(store: Store, wanted: string | undefined): Promise<OrganizationLine> {
  if (wanted === undefined) throw new CommandError('Name an organization, by id or by its exact name.');
  const found = (await listOrganizations(store)).filter(
    (line) => line.id === wanted.toLowerCase() || line.name === wanted,
  );
  const [organization, ...others] = found;
  if (organization === undefined)
    throw new CommandError(`There is no organization ${wanted}. Run "spinbay org list" to list all.`);
  if (others.length > 0)
    throw new CommandError(
      `${found.length} organizations have the name ${wanted}. Use an id: ${found.map((line) => line.id).join(', ')}.`,
    );
  return organization;
}

/** Finds sites by id or exact name. @throws CommandError with the names of the existing sites */
export async function findSites(tx: OrgTx, names: readonly string[]): Promise<SiteId[]> {
  if (names.length === 0) return [];
  const { sites } = await getOrganization(tx);
  const found = [...new Set(names)].map((name) => {
    const site = sites.find((one) => one.id === name.toLowerCase() || one.name === name);
    if (site !== undefined) return site.id;
    const known = sites.length === 0 ? 'It has no sites.' : `Its sites are ${sites.map((one) => one.name).join(', ')}.`;
    throw new CommandError(`This organization has no site ${name}. ${known}`);
  });
  return found;
}

/** @throws CommandError if the code must name sites but names none */
export async function requireSiteChoice(tx: OrgTx, names: readonly string[]): Promise<void> {
  if (names.length > 0) return;
  const { sites } = await getOrganization(tx);
  if (sites.length === 1) return;
  const known = sites.length === 0 ? 'no site yet' : `several sites: ${sites.map((one) => one.name).join(', ')}`;
  throw new CommandError(`This organization has ${known}. Name the device's sites with --site, or give --all-sites.`);
}

/** @returns the result of an operation. @throws CommandError with the reason of a refusal */
export function orThrow<T>(outcome: T | Failure<ErrorCode>): T {
  if (!isFailure(outcome)) return outcome as T;
  throw new CommandError([errorTable[outcome.failure].title, outcome.detail].filter(Boolean).join(' '));
}
