import { expect, test } from 'vitest';
import { z } from 'zod';
import { errorTable } from './errors.ts';
import { openApiDocument } from './openapi.ts';
import { defineRoute, errorsOf, type Route } from './route.ts';
import { routes } from './routes.ts';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  security?: unknown;
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
}

const info = { version: '1.2.3', serverUrl: 'https://api.example.com' };
const documentOf = (of: Record<string, Route>) => openApiDocument(of, info) as unknown as Document;
const document = documentOf(routes);

/** Every object in a value, with its path. */
function* objectsIn(value: unknown, path = '#'): Generator<[path: string, object: Json]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Json];
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, `${path}/${key}`);
}

const operationOf = (route: Route) =>
  document.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];

test('the document has every route under its name, with its parameters and body', () => {
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const operation = operationOf(route);
    expect(operation?.operationId).toBe(name);
    expect(operation?.parameters?.map((p) => `${p.in} ${p.name}`) ?? []).toEqual([
      ...Object.keys(route.params?.shape ?? {}).map((key) => `path ${key}`),
      ...Object.keys(route.query?.shape ?? {}).map((key) => `query ${key}`),
    ]);
    expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
    expect(operation?.security !== undefined).toBe(route.access !== 'public');
  }
  const count = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  expect(count).toBe(Object.keys(routes).length);
});

test('a body that may be left out is not required', () => {
  expect(operationOf(routes.publishImage)?.requestBody?.required).toBe(false);
  expect(operationOf(routes.createSession)?.requestBody?.required).toBe(true);
});

test('each error status of a route lists its codes', () => {
  for (const route of Object.values(routes) as Route[]) {
    const responses = operationOf(route)?.responses ?? {};
    for (const code of errorsOf(route)) {
      expect(responses[errorTable[code].status]?.description).toContain(`\`${code}\``);
      expect(responses[errorTable[code].status]?.content).toHaveProperty(['application/problem+json']);
    }
    const statuses = [...Object.keys(route.replies), ...errorsOf(route).map((code) => String(errorTable[code].status))];
    expect(Object.keys(responses).sort()).toEqual([...new Set(statuses)].sort());
  }
  expect(operationOf(routes.authDevice)?.responses).not.toHaveProperty(
    '403.description',
    expect.stringContaining('`forbidden`'),
  );
  expect(operationOf(routes.getSession)?.responses).not.toHaveProperty('413');
});

test('every reference resolves, and no internals of the generator remain', () => {
  const names = Object.keys(document.components.schemas);
  for (const [path, object] of objectsIn(document)) {
    if (typeof object.$ref === 'string') {
      expect(object.$ref, path).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(names, path).toContain(object.$ref.split('/').at(-1));
      // No component is only a reference to itself.
      expect(object.$ref, path).not.toBe(path);
    }
    expect(Object.keys(object), path).not.toContain('$defs');
    expect(typeof object.id, `${path}/id`).not.toBe('string');
  }
  expect(names).toEqual(expect.arrayContaining(['Problem', 'Session', 'Image', 'Qc', 'CreateSessionBody']));
});

test('a property that is called "id" stays, and stays required', () => {
  const { Session, Image, CreateSessionBody } = document.components.schemas;
  for (const schema of [Session, Image]) {
    expect(schema).toHaveProperty('properties.id.format', 'uuid');
    expect(schema?.required).toContain('id');
  }
  expect(CreateSessionBody).toHaveProperty('properties.id');
  expect(CreateSessionBody?.required).not.toContain('id');
});

test('a type whose requests may leave out a default has a separate request component', () => {
  const { ShotList, ShotListInput } = document.components.schemas;
  expect(ShotList).toHaveProperty('properties.stills.items.required', ['name', 'required']);
  expect(ShotListInput).toHaveProperty('properties.stills.items.required', ['name']);
  expect(document.components.schemas).toHaveProperty(
    'CreateSessionBody.properties.shot_list.$ref',
    '#/components/schemas/ShotListInput',
  );
  expect(document.components.schemas).toHaveProperty(
    'Session.properties.shot_list.$ref',
    '#/components/schemas/ShotList',
  );
  // Request and reply are the same, so there is one component.
  expect(document.components.schemas).not.toHaveProperty('SessionModeInput');
});

test('a type that differs only in a component it refers to also has two components', () => {
  const Inner = z.object({ flag: z.boolean().default(false) }).meta({ id: 'Inner' });
  const Outer = z.object({ inner: Inner, id: z.literal('id') }).meta({ id: 'Outer' });
  const route = defineRoute({
    method: 'PUT',
    path: '/outer',
    summary: 'A route of this test',
    access: 'public',
    body: Outer,
    replies: { 200: Outer },
    errors: [],
  });
  const { schemas } = documentOf({ putOuter: route }).components;
  expect(schemas).toHaveProperty('OuterInput.properties.inner.$ref', '#/components/schemas/InnerInput');
  expect(schemas).toHaveProperty('Outer.properties.inner.$ref', '#/components/schemas/Inner');
  expect(schemas).toHaveProperty('Outer.properties.id.const', 'id');
});

test('optional query parameters are not required and have their defaults', () => {
  const parameters = operationOf(routes.listImages)?.parameters ?? [];
  expect(parameters.map((p) => [p.name, p.required])).toEqual([
    ['session_id', true],
    ['limit', false],
    ['offset', false],
    ['superseded', false],
  ]);
  expect(parameters[1]?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 200, default: 200 });
});

test('only the status 304 is described as not modified', () => {
  const replies = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ responses }) => Object.entries(responses));
  const described = (text: RegExp) =>
    new Set(replies.filter(([, r]) => text.test(r.description)).map(([status]) => status));
  expect(described(/^Not modified/)).toEqual(new Set(['304']));
  expect(described(/without a body/)).toContain('204');
});
