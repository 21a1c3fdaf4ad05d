import { randomBytes } from 'node:crypto';
import type { Route } from '@spinbay/contracts';
import { z } from 'zod';
import {
  freshText,
  type IdPlace,
  type Json,
  type JsonSchema,
  type Path,
  type Sample,
  sampleJson,
} from './sample-json.ts';

const parts = ['params', 'query', 'body'] as const;

/** The kinds of rows that an id in a request can name. */
const kinds = [
  'organization',
  'site',
  'user',
  'device',
  'vehicle',
  'session',
  'image',
  'event',
  'enrolment_code',
  'invitation',
  'shot_list',
] as const;
type Kind = (typeof kinds)[number];
export type Ids = Readonly<Record<Kind, string>>;

/** A place in a request that names a row. */
export interface IdField {
  readonly placeholder: string;
  /** e.g. `body.site_ids` */
  readonly where: string;
  readonly kind: Kind;
  /** The id of a row that the request creates: the caller may choose any unused id. */
  readonly clientMade: boolean;
}

/** A valid request except for its ids: each is a unique UUID until `fill` replaces it with a real one. */
export interface RequestShape {
  readonly value: Readonly<Partial<Record<(typeof parts)[number], Json>>>;
  readonly ids: readonly IdField[];
}

export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** The kind of row for each name of an id field. An unknown name makes the tests of its route fail. */
const kindOfName: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(kinds.flatMap((kind) => [`${kind}_id`, `${kind}_ids`].map((name) => [name, kind]))),
  org_id: 'organization',
};

/** The kind of row for a plain `id`, by the first part of the route's path. */
const kindOfPath: Readonly<Record<string, Kind>> = {
  sites: 'site',
  users: 'user',
  devices: 'device',
  sessions: 'session',
  images: 'image',
  presign: 'image',
  events: 'event',
  'enrolment-codes': 'enrolment_code',
  invitations: 'invitation',
  'shot-lists': 'shot_list',
};

/**
 * Valid requests of a route: with all fields, with as few as possible, and with each choice of each field. `more` adds
 * requests that lack one optional field.
 * @throws Error that says what to do if no request can be generated, or if an id has an unknown kind
 */
export function shapesOf(name: string, route: Route, options: { more?: boolean } = {}): RequestShape[] {
  const schema = schemaOf(route);
  const accepted: Sample[] = [];
  const keep = (sample: Sample | null) => {
    if (sample !== null && accepted.every((other) => form(other) !== form(sample))) accepted.push(sample);
  };
  for (const sample of sampleJson(schema, resolverOf(schema))) {
    const full = repaired(route, sample);
    keep(full);
    if (full === null) continue;
    keep(least(route, full));
    for (const { path, others } of sample.choices)
      for (const other of others) keep(repaired(route, { ...sample, value: withValue(sample.value, path, other) }));
    if (options.more) {
      for (const path of sample.optional) {
        const less = { ...full, value: without(full.value, path) };
        if (isValid(route, less.value)) keep(less);
      }
    }
  }
  if (accepted.length === 0) {
    throw new Error(
      `No valid request of ${name} could be made from its schemas: give an example for the difficult field, .meta({ examples: [...] }).`,
    );
  }
  const shapes = accepted.map((sample) => ({
    value: sample.value as RequestShape['value'],
    ids: sample.ids.flatMap((id) => idField(name, route, sample, id)),
  }));
  assertEveryIdIsThere(name, schema, accepted);
  return shapes;
}

/**
 * A request of this shape with ids, and with new texts that no other request has.
 * @param idFor the id to put in a place
 * @param searched the text for search queries
 * @param facts the VIN, stock number and digest of an existing row; default: new ones that match no row
 * @param organizationName the name of the organization, as a confirmation
 */
export function fill(
  route: Route,
  shape: RequestShape,
  idFor: (field: IdField) => string,
  {
    searched = newText(),
    facts = {},
    organizationName,
  }: { searched?: string; facts?: Partial<KnownFacts>; organizationName?: string } = {},
): SampleRequest {
  const { query: asked, ...rest } = shape.value;
  const question = JSON.stringify({ query: asked }).replaceAll(freshText, searched);
  let text = JSON.stringify({ ...rest, ...JSON.parse(question) }).replaceAll(freshText, newText());
  for (const field of shape.ids) text = text.replaceAll(field.placeholder, idFor(field));
  const named = { ...newFacts(), ...facts };
  const {
    params = {},
    query = {},
    body,
  } = JSON.parse(text, (key, value: Json) => {
    if (key === 'organization_name') return organizationName ?? value;
    return isFact(key) && typeof value === 'string' ? named[key] : value;
  }) as Record<string, Record<string, Json> | undefined>;
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [key, String(one)] as [string, string]),
    ),
  );
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(params[key])));
  return {
    method: route.method,
    path: search.size > 0 ? `${path}?${search}` : path,
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

/**
 * What somebody may know of another site's rows without their ids: the VIN and stock number of a vehicle, and the digest of
 * a photo that they have, too. A request may name another site's rows by these facts.
 */
const knownFacts = ['vin', 'stock', 'content_sha256'] as const;
export type KnownFacts = Record<(typeof knownFacts)[number], string>;

function newFacts(): KnownFacts {
  return {
    vin: `1HG${randomBytes(7).toString('hex').toUpperCase()}`,
    stock: newText().toUpperCase(),
    content_sha256: randomBytes(32).toString('hex'),
  };
}

function isFact(key: string): key is keyof KnownFacts {
  return knownFacts.some((fact) => fact === key);
}

/** The facts by which a request of this shape may name a row. */
export function factsIn(shape: RequestShape): (keyof KnownFacts)[] {
  const text = JSON.stringify(shape.value);
  return knownFacts.filter((fact) => text.includes(`"${fact}":"`));
}

function newText(): string {
  return `f${randomBytes(4).toString('hex')}`;
}

export interface Answer {
  readonly status: number;
  /** Code of a refusal. */
  readonly code: string;
  /** Headers and body. */
  readonly text: string;
}

export async function send(url: string, request: SampleRequest, token?: string): Promise<Answer> {
  const reply = await fetch(url + request.path, {
    method: request.method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const body = await reply.text();
  const code = reply.ok ? '' : (/"code":"(\w+)"/.exec(body)?.[1] ?? '');
  return { status: reply.status, code, text: `${JSON.stringify([...reply.headers])}\n${body}` };
}

/** One schema for all parts of a request. */
function schemaOf(route: Route): JsonSchema & { $defs?: Record<string, JsonSchema> } {
  const shape = Object.fromEntries(parts.flatMap((part) => (route[part] ? [[part, route[part]]] : [])));
  return z.toJSONSchema(z.object(shape), { io: 'input', unrepresentable: 'any' }) as never;
}

function resolverOf(schema: { $defs?: Record<string, JsonSchema> }) {
  return (ref: string): JsonSchema => schema.$defs?.[ref.replace('#/$defs/', '')] ?? {};
}

/** The places of a request that the server's parsers refuse. */
function issuesOf(route: Route, value: Json): Path[] {
  return parts.flatMap((part) => {
    const given = (value as Record<string, Json>)[part];
    // All values of a query are text.
    const sent = part === 'query' && given !== undefined ? texts(given as Record<string, Json>) : given;
    const result = route[part]?.safeParse(sent);
    return (result?.error?.issues ?? []).map((issue) => [part, ...issue.path.map(String)]);
  });
}

function texts(query: Record<string, Json>): Json {
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

function isValid(route: Route, value: Json): boolean {
  return issuesOf(route, value).length === 0;
}

/**
 * Corrects well-formed values that the schemas refuse: a flag that is sent as text, or a field that excludes another.
 * @returns null if the request stays invalid
 */
function repaired(route: Route, sample: Sample): Sample | null {
  let { value } = sample;
  for (let step = 0; step < 30; step++) {
    const [path] = issuesOf(route, value);
    if (path === undefined) return { ...sample, value };
    const flagged = valueAt(value, path) === freshText ? withValue(value, path, 'true') : null;
    if (flagged !== null && !issuesOf(route, flagged).some((other) => same(other, path))) {
      value = flagged;
      continue;
    }
    const optional = sample.optional.find((one) => same(one, path) && valueAt(value, one) !== undefined);
    const near =
      optional ?? sample.optional.findLast((one) => startsWith(path, one) && valueAt(value, one) !== undefined);
    if (near === undefined) return null;
    value = without(value, near);
  }
  return null;
}

/** Removes each optional field without which the request is still valid. */
function least(route: Route, sample: Sample): Sample {
  let { value } = sample;
  for (const path of sample.optional) {
    const less = without(value, path);
    if (isValid(route, less)) value = less;
  }
  return { ...sample, value };
}

function idField(name: string, route: Route, sample: Sample, id: IdPlace): IdField[] {
  if (valueAt(sample.value, id.path) === undefined) return [];
  const field = id.path.findLast((part) => !/^\d+$/.test(part)) ?? '';
  const where = id.path.filter((part) => !/^\d+$/.test(part)).join('.');
  const kind = kindOf(field, route, sample, id);
  if (kind === undefined) {
    throw new Error(
      `${name}: unknown kind of row for "${where}". Add the kind of row to \`kinds\` in apps/api/src/testing/sample-requests.ts, and such a row to every dealer in apps/api/src/testing/dealers.ts; or name the field after its kind, e.g. session_id.`,
    );
  }
  const own = route.method === 'POST' && where.startsWith('body') && (field === 'id' || field === 'image_id');
  return [{ placeholder: id.placeholder, where, kind, clientMade: own }];
}

function kindOf(field: string, route: Route, sample: Sample, id: IdPlace): Kind | undefined {
  if (field === 'entity_id') {
    const type = valueAt(sample.value, [...id.path.slice(0, -1), 'entity_type']);
    return kinds.find((kind) => kind === type) ?? 'image';
  }
  const named = kindOfName[field];
  if (named !== undefined || (field !== 'id' && field !== 'cursor')) return named;
  const described = /^(\w+)Id \(UUID\)$/.exec(id.description ?? '')?.[1];
  const snake = described?.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '_') + letter.toLowerCase());
  return kinds.find((kind) => kind === snake) ?? kindOfPath[route.path.split('/')[1] ?? ''];
}

/** Every id field must occur in a valid request. Otherwise it would not be tested. */
function assertEveryIdIsThere(name: string, schema: ReturnType<typeof schemaOf>, accepted: readonly Sample[]): void {
  for (const sample of sampleJson(schema, resolverOf(schema))) {
    for (const { path } of sample.ids) {
      if (accepted.some((other) => valueAt(other.value, path) !== undefined)) continue;
      throw new Error(
        `${name}: no valid request with "${path.join('.')}" could be generated from the schemas: give an example for the related field, .meta({ examples: [...] }).`,
      );
    }
  }
}

function form({ value, ids }: Sample): string {
  return ids.reduce((text, id) => text.replaceAll(id.placeholder, 'id'), JSON.stringify(value));
}

function same(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b);
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, k) => path[k] === part);
}

function valueAt(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, Json>)[part] : undefined),
    value,
  );
}

function withValue(value: Json, path: Path, to: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return to ?? null;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Record<string, Json>) }) as Record<string, Json>;
  if (rest.length === 0 && to === undefined) delete copy[key];
  else copy[key] = withValue(copy[key] ?? null, rest, to);
  return copy;
}

function without(value: Json, path: Path): Json {
  return valueAt(value, path) === undefined ? value : withValue(value, path, undefined);
}
