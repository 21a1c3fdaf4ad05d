import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** Swagger UI has inline styles. `upgrade-insecure-requests` is left out, because it breaks the page without TLS. */
const contentSecurityPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/**
 * `/docs`: the OpenAPI document as a web page.
 * @param path of the API's public address, which a proxy strips
 */
export async function registerDocs(
  app: FastifyInstance,
  document: Record<string, unknown>,
  path: string,
): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: path,
    staticCSP: contentSecurityPolicy,
    uiConfig: { docExpansion: 'list', layout: 'BaseLayout' },
    theme: { title: 'Spinbay API' },
  });
}
