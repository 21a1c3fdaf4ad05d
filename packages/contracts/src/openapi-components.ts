import { z } from 'zod';

export type Json = Record<string, unknown>;
type Io = 'input' | 'output';

/** The schema of a type as it is sent (`input`: defaults may be left out) or received (`output`). */
export type SchemaOf = (type: z.ZodType, io: Io) => Json;

const definitions = '#/$defs/';

/**
 * Collects the shared schemas of a document. A type with an id is one component. If requests and replies differ (a default
 * may be left out of a request), the request form is a separate component, `{id}Input`.
 */
export function createComponents() {
  const found: Record<Io, Record<string, Json>> = { input: {}, output: {} };

  const schemaOf: SchemaOf = (type, io) => {
    const { $schema, $defs, ...json } = z.toJSONSchema(type, {
      io,
      unrepresentable: 'any',
      override: simplify,
    }) as Json;
    dropAnything({ json, $defs });
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Json>))
      found[io][name] = mark(definition, io) as Json;
    const id = type.meta()?.id;
    if (id === undefined) return mark(json, io) as Json;
    // `$defs` may already contain the type itself.
    found[io][id] ??= mark(json, io) as Json;
    return { $ref: reference(io, id) };
  };

  const isSame = (name: string): boolean =>
    JSON.stringify(found.input[name]).replaceAll(reference('input', ''), reference('output', '')) ===
      JSON.stringify(found.output[name]) && referencesIn(found.input[name]).every((other) => isSame(other));
  const nameOf = (io: Io, name: string) =>
    io === 'output' || found.output[name] === undefined || isSame(name) ? name : `${name}Input`;

  /** Adds the components to the document and puts their final names into its references. */
  const resolve = (document: Json & { components: Json }): Json => {
    const schemas: Json = {};
    for (const io of ['output', 'input'] as const)
      for (const [name, schema] of Object.entries(found[io])) schemas[nameOf(io, name)] = schema;
    const finish = (value: unknown) =>
      mapReferences(value, (target) => {
        const [, io, name] = /^(input|output):(.+)$/.exec(target) ?? [];
        return `#/components/schemas/${nameOf(io as Io, name ?? '')}`;
      });
    return finish({ ...document, components: { schemas, ...document.components } }) as Json;
  };

  return { schemaOf, resolve };
}

function reference(io: Io, name: string): string {
  return `${io}:${name}`;
}

function mark(value: unknown, io: Io): unknown {
  return mapReferences(value, (target) => reference(io, target.slice(definitions.length)));
}

function referencesIn(schema: unknown): string[] {
  const names: string[] = [];
  mapReferences(schema, (target) => {
    names.push(target.slice(target.indexOf(':') + 1));
    return target;
  });
  return names;
}

function mapReferences(value: unknown, change: (target: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      // The value of a property named "$ref" is a schema, not a string.
      key === '$ref' && typeof inner === 'string' ? [key, change(inner)] : [key, mapReferences(inner, change)],
    ),
  );
}

/**
 * Removes the member "anything" from unions. Schemas have this member so that the handler can report malformed values.
 * Clients must not use it.
 */
function dropAnything(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const child of Object.values(value)) dropAnything(child);
  const { anyOf } = value as { anyOf?: unknown };
  if (!Array.isArray(anyOf)) return;
  const [only, ...more] = anyOf.filter((member) => Object.keys(member as object).length > 0);
  if (more.length > 0 || only === undefined) return;
  delete (value as Json).anyOf;
  Object.assign(value, only);
}

/** Removes what does not help a reader: the regular expressions behind formats and the limits of safe integers. */
function simplify({ jsonSchema: schema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (schema.format !== undefined) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // A later version may add members to a reply: clients must accept unknown members.
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}
