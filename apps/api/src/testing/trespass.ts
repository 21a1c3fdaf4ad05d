import { randomUUID } from 'node:crypto';
import { errorsOf, errorTable, type Route, type RouteName, routes } from '@spinbay/contracts';
import type { TestApi } from '../testing.ts';
import { type Dealer, rowsOf, type StoredRow, textsIn } from './dealers.ts';
import {
  fill,
  type IdField,
  type Ids,
  numbersIn,
  type RequestShape,
  type SampleRequest,
  send,
  shapesOf,
  type VehicleNumbers,
} from './sample-requests.ts';

/** Somebody who has no business with what is at the victim's southern site. */
export interface Trespasser {
  readonly token: string | undefined;
  /** Where the caller belongs; nobody belongs nowhere. */
  readonly orgId: string | undefined;
  /** Rows of the caller's own. */
  readonly own: Ids;
  /** Only the first of the generated requests: somebody who is stopped before a handler sees the request. */
  readonly briefly: boolean;
}

export interface Case {
  readonly api: TestApi;
  readonly victim: Dealer;
  /** For the question what texts everybody has. */
  readonly other: Dealer;
}

/** By the first part of a path: what an administrator does for a whole organization, so that no site is "another" there. */
const ofWholeOrganization: Readonly<Record<string, string>> = {
  organization: 'its name and its rule of enrolment have no site',
  sites: 'an administrator makes and renames sites, those without access included',
  users: 'an administrator gives and takes the access to every site',
  devices: 'an administrator binds devices to any site, and revokes any',
  'enrolment-codes': 'a code may bind a device to any site',
  events: 'the audit log tells of the whole organization',
};

/** Whether a route is for administrators alone, and of those that an organization has without regard to sites. */
export function isOfWholeOrganization(route: Route): boolean {
  return (
    route.access !== 'public' &&
    String(route.access) === 'admin' &&
    (route.path.split('/')[1] ?? '') in ofWholeOrganization
  );
}

/**
 * Sends every generated request of a route as somebody who must get nothing by it: the victim's ids in each place alone
 * and in all at once, the caller's own in the others; then with VIN and stock number of the victim's vehicle, which are
 * no secret to who stands before it.
 * @returns what went wrong, one sentence each
 */
export async function trespass(name: RouteName, who: Trespasser, { api, victim, other }: Case): Promise<string[]> {
  const route: Route = routes[name];
  const faults: string[] = [];
  const { own } = who;
  const sameOrg = who.orgId === victim.orgId;
  const shapes = shapesOf(name, route).slice(0, who.briefly ? 1 : undefined);
  // A vehicle for each request that names one by its numbers: what another request took for its own site is no secret.
  const namings: { shape: RequestShape; named: (keyof VehicleNumbers)[]; id: string }[] = [];
  for (const shape of shapes)
    for (const named of namingsOf(shape)) namings.push({ shape, named, id: (await victim.more('south')).vehicle });
  const before = (await rowsOf(api, victim.orgId)).filter((row) => !isRefusal(row));
  const theirs = sameOrg ? before.filter((row) => isOfSite(row, victim.south)) : before;
  const everybodys = textsIn(sameOrg ? before.filter((row) => !theirs.includes(row)) : await rowsOf(api, other.orgId));
  const secrets = [...textsIn(theirs)].filter((text) => !everybodys.has(text));
  // Who searches for what the victim has must find nothing.
  const numbersOf = (id: string) => {
    const row = theirs.find((one) => one.table === 'vehicles' && one.row.id === id)?.row;
    return { vin: String(row?.vin), stock: String(row?.stock) };
  };
  const searched = numbersOf(victim.south.vehicle).stock;
  const declared = new Set([
    ...Object.keys(route.replies).map(Number),
    ...errorsOf(route).map((code) => errorTable[code].status),
  ]);

  /** @returns the answer, and what is wrong with it */
  const attempt = async (request: SampleRequest, named: readonly string[] = []) => {
    const answer = await send(api.url, request, who.token);
    const say = (fault: string) =>
      faults.push(`${fault}: ${inWords(request)} answered ${answer.status} ${answer.code}`);
    if (!declared.has(answer.status)) say('an answer that the contract does not declare');
    if (answer.status >= 500) say('an error of ours');
    const succeeded = answer.status < 400;
    if (succeeded && who.orgId === undefined) say('nobody was let in');
    const sent = JSON.stringify(request);
    for (const secret of secrets.filter((text) => answer.text.includes(text))) {
      const own = !succeeded || named.includes(secret) || (await ownsRow(api, who.orgId, secret));
      if (!(sent.includes(secret) && own)) say(`the answer has ${whatIs(secret, theirs)} of the victim`);
    }
    return { outcome: `${answer.status} ${answer.code}`, succeeded, say };
  };

  for (const shape of shapes) {
    const alone = shape.ids.map((field) => [field]);
    const swaps = shape.ids.length === 1 ? alone : [...alone, shape.ids];
    for (const swapped of swaps.length === 0 ? [[]] : swaps) {
      const with_ = (idFor: (field: IdField) => string) =>
        fill(route, shape, (field) => (swapped.includes(field) ? idFor(field) : own[field.kind]), { searched });
      const { outcome, succeeded, say } = await attempt(with_((field) => victim.south[field.kind]));
      const [field] = swapped;
      if (swapped.length === 1 && field !== undefined && !field.clientMade && !succeeded) {
        const unknown = await send(
          api.url,
          with_(() => randomUUID()),
          who.token,
        );
        if (`${unknown.status} ${unknown.code}` !== outcome)
          say(`${field.where}: an id that nobody has is answered otherwise, with ${unknown.status} ${unknown.code}`);
      }
    }
  }
  for (const { shape, named, id } of namings) {
    const theirNumbers = Object.fromEntries(named.map((number) => [number, numbersOf(id)[number]]));
    const ownIds = (field: IdField) => own[field.kind];
    const { outcome, say } = await attempt(
      fill(route, shape, ownIds, { searched, numbers: theirNumbers }),
      Object.values(theirNumbers),
    );
    const unknown = await send(api.url, fill(route, shape, ownIds, { searched }), who.token);
    if (`${unknown.status} ${unknown.code}` !== outcome)
      say(`${named.join(' and ')}: what nobody has is answered otherwise, with ${unknown.status} ${unknown.code}`);
  }
  faults.push(...(await changes(api, who, victim, theirs)));
  return faults;
}

/** Each of the numbers in a request alone, and all of them together. */
function namingsOf(shape: RequestShape): (keyof VehicleNumbers)[][] {
  const numbers = numbersIn(shape);
  return numbers.length < 2 ? numbers.map((number) => [number]) : [...numbers.map((number) => [number]), numbers];
}

/** What is not as it was of the victim's rows, and which rows of others point there. */
async function changes(
  api: TestApi,
  who: Trespasser,
  victim: Dealer,
  theirs: readonly { text: string }[],
): Promise<string[]> {
  const sameOrg = who.orgId === victim.orgId;
  const now = (await rowsOf(api, victim.orgId)).filter((row) => !isRefusal(row));
  const counted = sameOrg ? now.filter((row) => isOfSite(row, victim.south)) : now;
  const was = new Set(theirs.map((row) => row.text));
  const is = new Set(counted.map((row) => row.text));
  const faults = [
    ...[...was].filter((text) => !is.has(text)).map((text) => `a row of the victim is gone or was changed: ${text}`),
    ...[...is].filter((text) => !was.has(text)).map((text) => `a row is new or was changed: ${text}`),
  ];
  if (who.orgId === undefined || sameOrg) return faults;
  const ids = new Set([...Object.values(victim.south), ...Object.values(victim.north), victim.orgId as string]);
  const own = await rowsOf(api, who.orgId);
  for (const { table, row } of own) {
    for (const [column, value] of Object.entries(row)) {
      // The rows of one organization may have the ids of another's, and an event may be about anything.
      if (`${table}.${column}` === 'events.entity_id' || column === 'id') continue;
      for (const text of textsIn([{ table, row: { [column]: value } }])) {
        if (ids.has(text) && !own.some((other) => other.row.id === text))
          faults.push(`${table}.${column} of another organization points to a row of the victim: ${text}`);
      }
    }
  }
  return faults;
}

/** The audit log of the caller's own organization says whom the API turned away: that is what it is for. */
function isRefusal({ table, row }: StoredRow): boolean {
  return table === 'events' && row.type === 'request.refused' && row.reported === false;
}

/** What somebody of the organization reports about a row is that person's word; the log says whose. */
function isOfSite({ table, row, text }: StoredRow, ids: Ids): boolean {
  if (table === 'events' && row.actor_type !== 'system') return false;
  return Object.entries(ids).some(([kind, id]) => kind !== 'organization' && text.includes(id));
}

/** Ids are those of an organization: one's own row may have the id that somebody else's has. */
async function ownsRow(api: TestApi, orgId: string | undefined, id: string): Promise<boolean> {
  if (orgId === undefined) return false;
  return (await rowsOf(api, orgId)).some(({ row }) => row.id === id);
}

function whatIs(secret: string, rows: readonly StoredRow[]): string {
  for (const { table, row } of rows) {
    for (const [column, value] of Object.entries(row))
      if (textsIn([{ table, row: { [column]: value } }]).has(secret)) return `${table}.${column} (${secret})`;
  }
  return secret;
}

export function inWords({ method, path, body }: SampleRequest): string {
  return `${method} ${path}${body === undefined ? '' : ` ${body}`}`;
}
