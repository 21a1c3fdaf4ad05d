import { randomUUID } from 'node:crypto';
import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The subset of JSON Schema that zod and OpenAPI 3.1 documents use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly description?: string;
}

/** A placeholder. `sample-requests.ts` replaces it with a new unique text for every request. */
export const freshText = 'fresh0000';

export type Path = readonly string[];

/** A place in a sample that names a row. The sample has `placeholder` there, a unique UUID. */
export interface IdPlace {
  readonly placeholder: string;
  readonly path: Path;
  /** Description of the schema, e.g. `SessionId (UUID)`. */
  readonly description: string | undefined;
}

export interface Sample {
  readonly value: Json;
  readonly ids: readonly IdPlace[];
  /** Optional places. */
  readonly optional: readonly Path[];
  /** Places with a choice, and their other values. */
  readonly choices: readonly { path: Path; others: readonly Json[] }[];
}

/** Whether a property names rows, by its name or its form. */
function isId(name: string, schema: JsonSchema): boolean {
  return schema.format === 'uuid' || /(^|_)ids?$/.test(name);
}

/** One value for each outermost shape of a schema, with all optional fields. */
export function sampleJson(schema: JsonSchema, resolve: (ref: string) => JsonSchema): Sample[] {
  const outer = plain(schema, resolve);
  return (outer.anyOf ?? outer.oneOf ?? [outer]).map((branch) => {
    const found = { ids: [] as IdPlace[], optional: [] as Path[], choices: [] as Sample['choices'][number][] };
    return { value: sampleOf(branch, [], found, resolve), ...found };
  });
}

interface Found {
  ids: IdPlace[];
  optional: Path[];
  choices: Sample['choices'][number][];
}

function sampleOf(given: JsonSchema, path: Path, found: Found, resolve: (ref: string) => JsonSchema): Json {
  const schema = plain(given, resolve);
  const name = path.findLast((part) => !/^\d+$/.test(part)) ?? '';
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type !== 'array' && type !== 'object' && isId(name, schema)) {
    const place = { placeholder: randomUUID(), path, description: schema.description };
    found.ids.push(place);
    return place.placeholder;
  }
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) {
    const [first = null, ...others] = schema.enum;
    if (others.length > 0) found.choices.push({ path, others });
    return first;
  }
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    const branch = branches.find((one) => plain(one, resolve).type !== 'null') ?? {};
    return sampleOf({ description: schema.description, ...branch } as JsonSchema, path, found, resolve);
  }
  switch (type) {
    case 'object':
      return objectOf(schema, path, found, resolve);
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, (_, k) =>
        sampleOf(schema.items ?? {}, [...path, String(k)], found, resolve),
      );
    case 'integer':
    case 'number':
      if (typeof schema.default === 'number') return schema.default;
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textOf(schema);
  }
}

function objectOf(schema: JsonSchema, path: Path, found: Found, resolve: (ref: string) => JsonSchema): Json {
  const value: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    if (!schema.required?.includes(key)) found.optional.push([...path, key]);
    value[key] = sampleOf(inner, [...path, key], found, resolve);
  }
  if (schema.properties === undefined && typeof schema.additionalProperties === 'object')
    value[freshText] = sampleOf(schema.additionalProperties, [...path, freshText], found, resolve);
  return value;
}

function textOf(schema: JsonSchema): Json {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (format === 'date-time') return new Date(Date.now() - 60_000).toISOString();
  if (format === 'email') return `${freshText}@example.test`;
  if (format === 'uri') return `https://example.test/${freshText}`;
  if (pattern !== undefined) {
    const samples = fc.sample(fc.stringMatching(new RegExp(pattern)), { seed: 1, numRuns: 100 });
    return samples.find((text) => text.length >= Math.max(1, minLength) && text.length <= maxLength) ?? '';
  }
  return freshText.padEnd(minLength, 'x').slice(0, maxLength);
}

/** Follows references and merges `allOf`. */
function plain(schema: JsonSchema, resolve: (ref: string) => JsonSchema): JsonSchema {
  const { $ref, allOf, ...own } = schema;
  if ($ref !== undefined) return { ...plain(resolve($ref), resolve), ...own };
  if (allOf === undefined) return schema;
  return Object.assign({ ...own }, ...allOf.map((part) => plain(part, resolve)));
}
