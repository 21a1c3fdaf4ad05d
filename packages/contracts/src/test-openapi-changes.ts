type Json = Record<string, unknown>;

interface Operation {
  readonly security?: unknown;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required: boolean;
    schema: Json;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Json }> }>;
}

export interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
}

/**
 * The changes that break a client of the recorded document: a request that it allows is refused, or a reply lacks something.
 * Additions are allowed. See docs/compatibility.md.
 */
export function breakingChanges(recorded: Document, today: Document): string[] {
  const found: string[] = [];
  for (const [path, operations] of Object.entries(recorded.paths)) {
    for (const [method, before] of Object.entries(operations)) {
      const after = today.paths[path]?.[method];
      const where = `${method.toUpperCase()} ${path}`;
      if (after === undefined) found.push(`${where}: was removed`);
      else compareOperations(where, before, after, { recorded, today, found });
    }
  }
  return found;
}

interface Comparison {
  readonly recorded: Document;
  readonly today: Document;
  readonly found: string[];
}

function compareOperations(where: string, before: Operation, after: Operation, context: Comparison): void {
  const { found } = context;
  if (before.security === undefined && after.security !== undefined) found.push(`${where}: requires a token`);
  for (const old of before.parameters ?? []) {
    const now = after.parameters?.find((each) => each.in === old.in && each.name === old.name);
    if (now === undefined) found.push(`${where}: the parameter ${old.name} was removed`);
    else compareRequests(`${where} ${old.name}`, old.schema, now.schema, context);
  }
  for (const now of after.parameters ?? []) {
    const old = before.parameters?.find((each) => each.in === now.in && each.name === now.name);
    if (now.required && !old?.required) found.push(`${where}: the parameter ${now.name} is required`);
  }
  compareBodies(where, before, after, context);
  for (const [status, { content }] of Object.entries(before.responses).filter(([code]) => Number(code) < 400)) {
    const reply = after.responses[status];
    if (reply === undefined) found.push(`${where}: the status ${status} was removed`);
    const [old, now] = [content?.['application/json']?.schema, reply?.content?.['application/json']?.schema];
    if (old !== undefined && now !== undefined) compareReplies(`${where} ${status}`, old, now, context);
  }
}

function compareBodies(where: string, before: Operation, after: Operation, context: Comparison): void {
  const [old, now] = [before.requestBody, after.requestBody];
  if (now?.required && !old?.required) context.found.push(`${where}: a body is required`);
  const schemas = [old, now].map((body) => body?.content['application/json']?.schema);
  if (schemas[0] !== undefined && schemas[1] === undefined) context.found.push(`${where}: accepts no body`);
  if (schemas[0] !== undefined && schemas[1] !== undefined)
    compareRequests(`${where} body`, schemas[0], schemas[1], context);
}

/** The server must accept everything that it accepted before. */
function compareRequests(where: string, before: Json, after: Json, context: Comparison): void {
  const { found } = context;
  const [old, now] = [resolve(before, context.recorded), resolve(after, context.today)];
  if (!isWithin(typesOf(old), typesOf(now))) found.push(`${where}: is ${typesOf(now)} instead of ${typesOf(old)}`);
  for (const value of valuesOf(old))
    if (valuesOf(now).length > 0 && !valuesOf(now).includes(value)) found.push(`${where}: ${value} is not accepted`);
  if (valuesOf(old).length === 0 && valuesOf(now).length > 0) found.push(`${where}: accepts only some values`);
  for (const limit of ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'])
    if (numberOf(now, limit, -Infinity) > numberOf(old, limit, smallest(limit, old)))
      found.push(`${where}: ${limit} increased`);
  for (const limit of ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'])
    if (numberOf(now, limit, Infinity) < numberOf(old, limit, Infinity)) found.push(`${where}: ${limit} decreased`);
  for (const rule of ['pattern', 'format'])
    if (now[rule] !== undefined && now[rule] !== old[rule]) found.push(`${where}: has a different ${rule}`);
  for (const name of requiredOf(now)) if (!requiredOf(old).includes(name)) found.push(`${where}: ${name} is required`);
  for (const [name, field] of Object.entries(fieldsOf(old))) {
    const today = fieldsOf(now)[name];
    if (today === undefined) found.push(`${where}: ${name} was removed`);
    else compareRequests(`${where}.${name}`, field, today, context);
  }
  compareInner(where, old, now, context, compareRequests);
}

/** The server must send all that it sent before, with the same types. New enum values are allowed: clients pass them on. */
function compareReplies(where: string, before: Json, after: Json, context: Comparison): void {
  const { found } = context;
  const [old, now] = [resolve(before, context.recorded), resolve(after, context.today)];
  if (!isWithin(typesOf(now), typesOf(old))) found.push(`${where}: is ${typesOf(now)} instead of ${typesOf(old)}`);
  for (const name of requiredOf(old))
    if (!requiredOf(now).includes(name)) found.push(`${where}: ${name} is now optional`);
  for (const [name, field] of Object.entries(fieldsOf(old))) {
    const today = fieldsOf(now)[name];
    if (today === undefined) found.push(`${where}: ${name} was removed`);
    else compareReplies(`${where}.${name}`, field, today, context);
  }
  if (choicesOf(now).some(isNull) && !choicesOf(old).some(isNull)) found.push(`${where}: may be null`);
  compareInner(where, old, now, context, compareReplies);
}

function compareInner(where: string, old: Json, now: Json, context: Comparison, compare: typeof compareReplies): void {
  if (isSchema(old.items) && isSchema(now.items)) compare(`${where}[]`, old.items, now.items, context);
  // Compares the members of a union in order, without null.
  const [before, after] = [choicesOf(old), choicesOf(now)].map((all) => all.filter((each) => !isNull(each))) as [
    Json[],
    Json[],
  ];
  if (before.length > after.length && after.length > 0) context.found.push(`${where}: has fewer choices`);
  before.forEach((choice, k) => {
    const today = after[k];
    if (today !== undefined) compare(where, choice, today, context);
  });
}

function resolve(schema: Json, document: Document): Json {
  const name = typeof schema.$ref === 'string' ? (schema.$ref.split('/').at(-1) ?? '') : null;
  return name === null ? schema : (document.components.schemas[name] ?? {});
}

/** Whether the second list has all types of the first. True if either list is empty. */
function isWithin(types: readonly string[], those: readonly string[]): boolean {
  if (types.length === 0 || those.length === 0) return true;
  return types.every((type) => those.includes(type) || (type === 'integer' && those.includes('number')));
}

const typesOf = (schema: Json) => [schema.type ?? []].flat() as string[];
const isSchema = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const isNull = (schema: Json) => schema.type === 'null';
const requiredOf = (schema: Json) => (schema.required ?? []) as string[];
const fieldsOf = (schema: Json) => (schema.properties ?? {}) as Record<string, Json>;
const choicesOf = (schema: Json) => (schema.anyOf ?? schema.oneOf ?? []) as Json[];
const valuesOf = (schema: Json) => (schema.enum ?? ('const' in schema ? [schema.const] : [])) as unknown[];
const numberOf = (schema: Json, key: string, absent: number) =>
  typeof schema[key] === 'number' ? (schema[key] as number) : absent;

/** A pattern that does not match the empty text requires a character, like `minLength: 1`. */
function smallest(limit: string, { pattern }: { pattern?: unknown }): number {
  return limit === 'minLength' && typeof pattern === 'string' && !new RegExp(pattern).test('') ? 1 : -Infinity;
}
