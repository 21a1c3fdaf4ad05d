import { randomUUID } from 'node:crypto';
import { errorsOf, errorTable, type Route, type RouteName, routes } from '@spinbay/contracts';
import type { TestApi } from '../testing.ts';
import { type Dealer, rowsOf, type StoredRow, textsIn } from './dealers.ts';
import {
  factsIn,
  fill,
  type IdField,
  type Ids,
  type KnownFacts,
  type RequestShape,
  type SampleRequest,
  send,
  shapesOf,
} from './sample-requests.ts';

/** A caller without access to the victim's southern site. */
export interface Trespasser {
  readonly token: string | undefined;
  /** The organization of the caller; undefined without a token. */
  readonly orgId: string | undefined;
  /** The caller's own rows. */
  readonly own: Ids;
  /** Send only the first generated request, because the others would be checked in the same way. */
  readonly firstShapeOnly: boolean;
  /** A dealer of the caller's organization whose rows have the victim's ids. These ids alone reveal nothing. */
  readonly twin?: Dealer;
}

export interface Case {
  readonly api: TestApi;
  readonly victim: Dealer;
  /** Another dealer, for finding the texts that all dealers have. */
  readonly other: Dealer;
}

/**
 * The routes with which an administrator manages the whole organization, by the first part of their path, with the reason
 * why they have no "other site".
 */
const ofWholeOrganization: Readonly<Record<string, string>> = {
  organization: 'its name and its enrolment setting have no site',
  sites: 'an administrator adds and renames sites, including those without access',
  users: 'an administrator grants and removes access to every site',
  devices: 'an administrator restricts devices to any site and revokes any device',
  'enrolment-codes': 'a code may restrict a device to any site',
  'shot-lists': 'every site shoots the same shot lists',
  events: 'the audit log covers the whole organization',
};

/** Whether a route is only for administrators and does not depend on sites. */
export function isOfWholeOrganization(route: Route): boolean {
  return (
    route.access !== 'public' &&
    String(route.access) === 'admin' &&
    (route.path.split('/')[1] ?? '') in ofWholeOrganization
  );
}

/**
 * Sends every generated request of a route as a caller without access. It puts an id of the victim in one place at a time,
 * then in all places, and the caller's own ids in the others. It also uses the VIN and stock number of the victim's vehicle,
 * which are visible on the car, and the digest of the victim's photo.
 * @returns what went wrong, one sentence each
 */
export async function trespass(name: RouteName, who: Trespasser, { api, victim, other }: Case): Promise<string[]> {
  const route: Route = routes[name];
  const faults: string[] = [];
  const { own } = who;
  const sameOrg = who.orgId === victim.orgId;
  const shapes = shapesOf(name, route).slice(0, who.firstShapeOnly ? 1 : undefined);
  // Each request with facts has its own rows of the victim. Otherwise an earlier request with the same facts could have
  // created such a row at the caller's site.
  const namings: { shape: RequestShape; named: (keyof KnownFacts)[]; rows: Ids }[] = [];
  for (const shape of shapes)
    for (const named of namingsOf(shape)) namings.push({ shape, named, rows: await victim.more('south') });
  const before = (await rowsOf(api, victim.orgId)).filter((row) => !isRefusal(row));
  const theirs = sameOrg ? before.filter((row) => isOfSite(row, victim.south)) : before;
  const everybodys = textsIn(sameOrg ? before.filter((row) => !theirs.includes(row)) : await rowsOf(api, other.orgId));
  const shared = who.twin === undefined ? new Set<string>() : idsOf(who.twin);
  const secrets = [...textsIn(theirs)].filter((text) => !everybodys.has(text) && !shared.has(text));
  const rowOf = (table: string, id: string) => before.find((one) => one.table === table && one.row.id === id)?.row;
  const factsOf = ({ vehicle, image }: Ids): KnownFacts => {
    const { vin, stock } = rowOf('vehicles', vehicle) ?? {};
    const digest = rowOf('images', image)?.hash_sha256;
    return { vin: String(vin), stock: String(stock), content_sha256: String(digest) };
  };
  // A search for a text of the victim must find nothing.
  const searched = factsOf(victim.south).stock;
  const declared = new Set([
    ...Object.keys(route.replies).map(Number),
    ...errorsOf(route).map((code) => errorTable[code].status),
  ]);

  /** Sends a request and adds what is wrong with the answer to `faults`. */
  const attempt = async (request: SampleRequest, named: readonly string[] = []) => {
    const answer = await send(api.url, request, who.token);
    const say = (fault: string) => faults.push(`${fault}: ${asText(request)} answered ${answer.status} ${answer.code}`);
    if (!declared.has(answer.status)) say('a reply that the contract does not declare');
    if (answer.status >= 500) say('a server error');
    const succeeded = answer.status < 400;
    if (succeeded && who.orgId === undefined) say('the caller was allowed');
    const sent = JSON.stringify([request, named]);
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
      const requestWith = (idFor: (field: IdField) => string) =>
        fill(route, shape, (field) => (swapped.includes(field) ? idFor(field) : own[field.kind]), { searched });
      const { outcome, succeeded, say } = await attempt(requestWith((field) => victim.south[field.kind]));
      const [field] = swapped;
      // The caller's own row has the same id as the victim's row.
      const isOwn = field !== undefined && shared.has(victim.south[field.kind]);
      if (swapped.length === 1 && field !== undefined && !field.clientMade && !succeeded && !isOwn) {
        const unknown = await send(
          api.url,
          requestWith(() => randomUUID()),
          who.token,
        );
        if (`${unknown.status} ${unknown.code}` !== outcome)
          say(`${field.where}: an unknown id gives a different reply, ${unknown.status} ${unknown.code}`);
      }
    }
  }
  for (const { shape, named, rows } of namings) {
    const known = factsOf(rows);
    const facts = Object.fromEntries(named.map((fact) => [fact, known[fact]]));
    // A new row needs a new id, because the same id with other content is refused.
    const ownIds = (field: IdField) => (field.clientMade ? randomUUID() : own[field.kind]);
    const { outcome, say } = await attempt(fill(route, shape, ownIds, { searched, facts }), namesOf(facts));
    const unknown = await send(api.url, fill(route, shape, ownIds, { searched }), who.token);
    if (`${unknown.status} ${unknown.code}` !== outcome)
      say(`${named.join(' and ')}: unknown values give a different reply, ${unknown.status} ${unknown.code}`);
  }
  faults.push(...(await changes(api, who, victim, theirs)));
  return faults;
}

/** Each of the facts in a request alone, and all of them together. */
function namingsOf(shape: RequestShape): (keyof KnownFacts)[][] {
  const facts = factsIn(shape);
  return facts.length < 2 ? facts.map((fact) => [fact]) : [...facts.map((fact) => [fact]), facts];
}

/** The forms in which an answer may repeat the facts: a digest also in the form of upload headers. */
function namesOf(facts: Partial<KnownFacts>): string[] {
  const { content_sha256: digest } = facts;
  return [...Object.values(facts), ...(digest === undefined ? [] : [Buffer.from(digest, 'hex').toString('base64')])];
}

/** Finds changed rows of the victim, and rows of the caller's organization that refer to the victim. */
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
  const ids = new Set([...idsOf(victim), victim.orgId as string]);
  const own = await rowsOf(api, who.orgId);
  for (const { table, row } of own) {
    for (const [column, value] of Object.entries(row)) {
      // Ids need not be unique across organizations, and an event may be about anything.
      if (`${table}.${column}` === 'events.entity_id' || column === 'id') continue;
      for (const text of textsIn([{ table, row: { [column]: value } }])) {
        if (ids.has(text) && !own.some((other) => other.row.id === text))
          faults.push(`${table}.${column} of another organization points to a row of the victim: ${text}`);
      }
    }
  }
  return faults;
}

function idsOf({ south, north }: Dealer): Set<string> {
  return new Set([...Object.values(south), ...Object.values(north)]);
}

/** The audit log of the caller's organization records refusals, which is allowed. */
function isRefusal({ table, row }: StoredRow): boolean {
  return table === 'events' && row.type === 'request.refused' && row.reported === false;
}

/** A person may report events about any id. The log records who reported it. */
function isOfSite({ table, row, text }: StoredRow, ids: Ids): boolean {
  if (table === 'events' && row.actor_type !== 'system') return false;
  return Object.entries(ids).some(([kind, id]) => kind !== 'organization' && kind !== 'shot_list' && text.includes(id));
}

/** Ids are unique only within an organization: the caller's row may have the same id as the victim's. */
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

export function asText({ method, path, body }: SampleRequest): string {
  return `${method} ${path}${body === undefined ? '' : ` ${body}`}`;
}
