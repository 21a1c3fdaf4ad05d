import { z } from 'zod';
import { type ErrorCode, errorTable, Problem } from './errors.ts';
import { createComponents, type Json, type SchemaOf } from './openapi-components.ts';
import { errorsOf, type Route } from './route.ts';

/** The OpenAPI 3.1 document of the given routes. Schemas with an id become components. Each error status lists its codes. */
export function openApiDocument(routes: Record<string, Route>, info: { version: string; serverUrl: string }): Json {
  const components = createComponents();
  const problem = components.schemaOf(Problem, 'output');
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(name, route, components.schemaOf, problem);
  }
  return components.resolve({
    openapi: '3.1.0',
    info: {
      title: 'Spinbay',
      version: info.version,
      description: 'Capture, measure and publish 360 spins of vehicles.',
    },
    servers: [{ url: info.serverUrl }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
}

function operation(name: string, route: Route, schemaOf: SchemaOf, problem: Json): Json {
  const parameters = (['params', 'query'] as const).flatMap((where) =>
    Object.entries(route[where]?.shape ?? {}).map(([key, type]) => {
      const { success, data } = z.safeParse(type, undefined);
      return {
        name: key,
        in: where === 'params' ? 'path' : 'query',
        required: where === 'params' || !success,
        // The request schema of a number that is parsed from digits lacks its default.
        schema: { ...schemaOf(type as z.ZodType, 'input'), ...(data === undefined ? {} : { default: data }) },
      };
    }),
  );
  const responses: Json = {};
  for (const [status, body] of Object.entries(route.replies)) {
    responses[status] = {
      description: status === '304' ? 'Not modified' : body === null ? 'Success, without a body' : 'Success',
      ...(body === null ? {} : { content: { 'application/json': { schema: schemaOf(body, 'output') } } }),
    };
  }
  for (const [status, codes] of byStatus(errorsOf(route))) {
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${errorTable[code].title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  return {
    operationId: name,
    summary: route.summary,
    // Documentation pages group operations by the first part of their path.
    tags: [route.path.split('/')[1]],
    ...(route.access === 'public'
      ? {}
      : { security: [{ token: [] }], description: `Roles: ${route.access.join(', ')}.` }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: !z.safeParse(route.body, undefined).success,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }
      : {}),
    responses,
  };
}

function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const found = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}
