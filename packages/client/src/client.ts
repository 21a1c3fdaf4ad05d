import {
  AnyProblem,
  type ErrorCode,
  errorTable,
  type Reply,
  type Route,
  type RouteName,
  type Routes,
  routes,
  type SentRequest,
  tolerant,
} from '@spinbay/contracts';
import { UserError } from '@spinbay/contracts/user-error';
import { startDeadline } from './deadline.ts';

/** The API refused the request. Programs decide by `code`. The message is for people. */
export class ApiError extends UserError {
  override readonly name = 'ApiError';
  readonly status: number;
  /** `unknown` means a code of a later release. Use the status in this case. */
  readonly code: ErrorCode | 'unknown';
  readonly fields: NonNullable<AnyProblem['errors']>;
  /** For `org_choice_required`: sign in again with the `org_id` of one of these. */
  readonly organizations: NonNullable<AnyProblem['organizations']>;
  /** The value of `Retry-After` in seconds. */
  readonly retryAfter: number | null;
  /** The request id, by which the server's operator finds the request in the log. */
  readonly requestId: string | null;

  constructor(problem: AnyProblem, retryAfter: number | null) {
    const fields = problem.errors ?? [];
    const where = fields.map((f) => `${f.path}: ${f.message}`).join('; ');
    super([problem.title, problem.detail, where].filter(Boolean).join(' '));
    this.status = problem.status;
    this.code = isKnown(problem.code) ? problem.code : 'unknown';
    this.fields = fields;
    this.organizations = problem.organizations ?? [];
    this.retryAfter = retryAfter;
    this.requestId = problem.request_id ?? null;
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** No reply, or a reply that is not from the API but from a proxy or captive portal. A retry may succeed. */
export class ConnectionError extends UserError {
  override readonly name = 'ConnectionError';
}

/** The API sent a reply that this version cannot read. The request may have been carried out, so do not retry it. */
export class UnreadableReply extends UserError {
  override readonly name = 'UnreadableReply';

  constructor(what: string, baseUrl: string) {
    super(
      `This version cannot read the reply of the server (${what}). Update this program, or check that ${baseUrl} is a Spinbay API.`,
    );
  }
}

export interface ClientOptions {
  readonly baseUrl: string;
  /** Returns the token to send. Called before every request. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  readonly fetch?: typeof fetch;
  /** The timeout of a call, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

type Method<R extends Route> =
  Record<string, never> extends SentRequest<R>
    ? (request?: SentRequest<R>, options?: CallOptions) => Promise<Reply<R> & { headers: Record<string, string> }>
    : (request: SentRequest<R>, options?: CallOptions) => Promise<Reply<R> & { headers: Record<string, string> }>;

/**
 * One method per route of the contracts, e.g. `client.presignImage({ body })`. Replies are parsed with `tolerant`: types name
 * the enum values of this release, but a later server may send others. Look values up with `lookUp`.
 */
export type Client = { readonly [N in RouteName]: Method<Routes[N]> };

/**
 * Methods throw ApiError for a refusal, ConnectionError if no API replied, and UnreadableReply if the reply cannot be read.
 * If the caller aborts, they throw the reason of the signal.
 */
export function createClient(options: ClientOptions): Client {
  const methods = Object.entries(routes).map(([name, route]) => [
    name,
    (request: LooseRequest = {}, call: CallOptions = {}) => callRoute(options, route, request, call),
  ]);
  return Object.fromEntries(methods) as Client;
}

interface LooseRequest {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

async function callRoute(options: ClientOptions, route: Route, request: LooseRequest, call: CallOptions) {
  const deadline = startDeadline(options.timeoutMs ?? 30_000, call.signal);
  try {
    const response = await send(options, route, request, call, deadline.signal);
    return await readReply(options, route, call, response);
  } finally {
    deadline.end();
  }
}

async function readReply(options: ClientOptions, route: Route, call: CallOptions, response: Response) {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = value;
  });
  const declared = route.replies[response.status];
  if (declared === null) return { status: response.status, body: null, headers };
  const what = `${route.method} ${route.path}, status ${response.status}`;
  // A 204 comes from the API itself, so this is not a connection error.
  if (response.status === 204) throw new UnreadableReply(what, options.baseUrl);
  const json = await readJson(response, route, call);
  if (declared !== undefined) {
    const parsed = tolerantOnce(declared).safeParse(json);
    if (parsed.success) return { status: response.status, body: parsed.data, headers };
    throw new UnreadableReply(`${what}: ${firstFault(parsed.error)}`, options.baseUrl);
  }
  const problem = Problem.safeParse(json);
  if (problem.success) throw new ApiError(problem.data, Number(response.headers.get('retry-after')) || null);
  // Gateways also send JSON when their backend is down or overloaded.
  if (response.status === 429 || response.status >= 500)
    throw new ConnectionError(`${what}: not a reply of a Spinbay API. Check that ${options.baseUrl} is one.`);
  throw new UnreadableReply(what, options.baseUrl);
}

const Problem = tolerant(AnyProblem) as typeof AnyProblem;
const tolerantTypes = new WeakMap<object, ReturnType<typeof tolerant>>();

function tolerantOnce(type: Parameters<typeof tolerant>[0]) {
  const known = tolerantTypes.get(type) ?? tolerant(type);
  tolerantTypes.set(type, known);
  return known;
}

/** The path of the first field that this version cannot read, and why, e.g. `items.0.status Invalid input`. */
function firstFault({
  issues: [issue],
}: {
  issues: readonly { path: readonly PropertyKey[]; message: string }[];
}): string {
  return issue === undefined ? '' : `${issue.path.join('.')} ${issue.message}`.trim();
}

async function send(
  options: ClientOptions,
  route: Route,
  request: LooseRequest,
  call: CallOptions,
  signal: AbortSignal,
): Promise<Response> {
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(request.params?.[key] ?? ''));
  const url = new URL(options.baseUrl.replace(/\/$/, '') + path);
  for (const [key, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value));
  const token = await options.token?.();
  try {
    return await (options.fetch ?? fetch)(url.href, {
      method: route.method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // The API never redirects. Following a redirect could leak the token or the secret of a device.
      redirect: 'error',
      signal,
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ConnectionError(`${options.baseUrl} does not answer (${reasonOf(error)}).`, { cause: error });
  }
}

async function readJson(response: Response, route: Route, call: CallOptions): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (call.signal?.aborted) throw error;
    const why =
      error instanceof SyntaxError ? 'without a JSON body' : `with a reply that broke off (${reasonOf(error)})`;
    throw new ConnectionError(`${route.method} ${route.path}: status ${response.status} ${why}.`, { cause: error });
  }
}

/** The innermost cause of a failed fetch, e.g. ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
