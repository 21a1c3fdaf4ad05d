import { z } from 'zod';
import type { Role } from './claims.ts';
import { commonErrors, type ErrorCode } from './errors.ts';

/** Who may call a route: anybody, or callers with one of these roles in their token. */
export type Access = 'public' | readonly Role[];

/** The limit of requests per minute. */
export interface RateLimit {
  /** `ip`: for each address. `device` and `actor`: for each device or person, or for each address without a token. */
  readonly per: 'ip' | 'device' | 'actor';
  readonly max: number;
  /** Routes with the same bucket are counted together. Without it a route is counted separately. */
  readonly bucket?: string;
  /**
   * The name of a list in the body: each entry counts as one request. `entries` if the body itself is the list. Without
   * this field a request counts once.
   */
  readonly each?: string;
}

/** The largest body of a request, in bytes. */
export const bodyLimits = {
  /** One object. The longest fields are identity tokens and lists of 500 sites. */
  standard: 64 * 1024,
  /** A hundred frames with their file names. */
  frames: 256 * 1024,
  /** A few hundred telemetry events. */
  events: 1024 * 1024,
} as const;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path with `:name` for each key of `params`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly rateLimit?: RateLimit;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A key of `bodyLimits`. Default: `standard`. */
  readonly bodyLimit?: keyof typeof bodyLimits;
  /** Bodies of the successful replies by status; `null` is a reply without a body. */
  readonly replies: Readonly<Record<number, z.ZodType | null>>;
  /** The codes that this route's handler may return, in addition to `commonErrors`. */
  readonly errors: readonly ErrorCode[];
}

/** Keeps the literal types of a route (path, error codes, reply shapes). Server, client and documents derive from them. */
export function defineRoute<const R extends Route>(route: R): R {
  return route;
}

/** A whole number in a query, in plain decimal digits: `0x10`, `1e2` and ` 5 ` are refused. */
export function queryInt(min: number, max: number) {
  const digits = (value: unknown) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value);
  return z.preprocess(digits, z.int(`a whole number from ${min} to ${max} in decimal digits`).min(min).max(max));
}

export const maxOffset = 1_000_000;

/** The query of a paged list: `limit` items, starting at `offset`. */
export const page = {
  limit: queryInt(1, 200).default(50),
  offset: queryInt(0, maxOffset).default(0),
};

/** Every code that a route can return: its own, and those of the HTTP binding that apply to it. */
export function errorsOf(route: Route): ErrorCode[] {
  const common = commonErrors.filter((code) => {
    if (code === 'unauthenticated' || code === 'forbidden') return route.access !== 'public';
    if (code === 'body_too_large' || code === 'unsupported_media_type') return route.method !== 'GET';
    return true;
  });
  return [...new Set([...common, ...route.errors])];
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Sent<S> = S extends z.ZodType ? z.input<S> : undefined;

/** The input of a handler: parsed, with defaults. */
export interface ParsedRequest<R extends Route> {
  readonly params: Parsed<R['params']>;
  readonly query: Parsed<R['query']>;
  readonly body: Parsed<R['body']>;
}

type Part<Name extends string, S> = S extends z.ZodType
  ? Record<string, never> extends z.input<S>
    ? { readonly [K in Name]?: Sent<S> }
    : { readonly [K in Name]: Sent<S> }
  : unknown;

/** The input of the typed client. */
export type SentRequest<R extends Route> = Part<'params', R['params']> &
  Part<'query', R['query']> &
  Part<'body', R['body']>;

/** A successful reply `{ status, body }`: a union with one member for each declared status. */
export type Reply<R extends Route> = {
  [S in keyof R['replies'] & number]: {
    readonly status: S;
    readonly body: R['replies'][S] extends z.ZodType ? z.output<R['replies'][S]> : null;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R['replies'] & number];
