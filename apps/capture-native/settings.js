// JavaScript, because Expo's tools load it in Node.js 20, which cannot run TypeScript.
const { z } = require('zod');

const environments = /** @type {const} */ (['dev', 'staging', 'production']);

const uuid = z.uuid({ error: 'is not a UUID' }).transform((id) => id.toLowerCase());
const address = z.url({ protocol: /^https?$/, error: 'is not an address like https://api.example.com' });

const settings = z
  .object({
    SPINBAY_NATIVE_ENV: z.enum(environments, { error: `must be one of ${environments.join(', ')}` }).default('dev'),
    SPINBAY_NATIVE_API_URL: address.transform((url) => url.replace(/\/$/, '')).optional(),
    SPINBAY_NATIVE_ORG_ID: uuid.optional(),
    SPINBAY_NATIVE_SITE_ID: uuid.optional(),
    SPINBAY_NATIVE_APP_ID: z
      .string()
      .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+$/, 'is not an identifier like com.example.capture')
      .default('org.spinbay.capture'),
    SPINBAY_NATIVE_VERSION: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, 'is not a version like 1.2.3')
      .optional(),
  })
  .superRefine(({ SPINBAY_NATIVE_ENV: environment, SPINBAY_NATIVE_API_URL: url }, context) => {
    /** @param {string} message */
    const fault = (message) => context.addIssue({ code: 'custom', path: ['SPINBAY_NATIVE_API_URL'], message });
    // Only development builds may connect without TLS.
    if (environment === 'dev') return;
    if (url === undefined) fault(`is required for ${environment}`);
    else if (!url.startsWith('https://')) fault(`must begin with https:// for ${environment}`);
  });

/** The API of an installation on this machine. */
const devApi = 'http://localhost:4000';

/**
 * The settings of a build: see docs/capture-native.md.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @throws an Error that names every invalid value
 */
function readSettings(env) {
  // An empty variable counts as not set.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse(present);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
    throw new Error(`The settings of this build are invalid:\n${faults.join('\n')}`);
  }
  const { data } = parsed;
  return {
    environment: data.SPINBAY_NATIVE_ENV,
    apiUrl: data.SPINBAY_NATIVE_API_URL ?? devApi,
    orgId: data.SPINBAY_NATIVE_ORG_ID ?? null,
    siteId: data.SPINBAY_NATIVE_SITE_ID ?? null,
    appId: data.SPINBAY_NATIVE_APP_ID,
    version: data.SPINBAY_NATIVE_VERSION ?? null,
  };
}

module.exports = { readSettings };
