import type {
  Access,
  ErrorCode,
  Failure,
  ParsedRequest,
  QcThresholds,
  Reply,
  Route,
  RouteName,
  Routes,
} from '@spinbay/contracts';
import type { OrgStore, Store } from '@spinbay/core';
import type { Objects } from '@spinbay/objects';
import type { Queue } from '@spinbay/queue';
import type { Logger, Tracing } from '@spinbay/runtime';
import type { IdTokens, Principal, Tokens, UserPrincipal } from '@spinbay/tokens';
import type { ShowTrace } from '../features/images/show-trace.ts';
import type { RenderedBodies } from './rendered-bodies.ts';
import type { RenderedReply } from './send-reply.ts';

/** Dependencies of handlers, created once in main. */
export interface Deps {
  readonly store: Store;
  readonly objects: Objects;
  /** The bucket of `objects`. */
  readonly bucket: string;
  /** The queue of the bucket's events. Null: this API cannot send messages to it. */
  readonly queue: Pick<Queue, 'send'> | null;
  /** The bucket sends no events, so clients must confirm their uploads. */
  readonly uploadHints: boolean;
  readonly tokens: Tokens;
  readonly idTokens: IdTokens;
  /** The address of this API for clients. */
  readonly publicUrl: string;
  /** Address of the capture app, if there is one. */
  readonly captureUrl: string | undefined;
  /** How long erased data can be restored. */
  readonly eraseUndoMs: number;
  /** The thresholds of the installation. */
  readonly qc: QcThresholds;
  /** Rendered bodies of galleries. */
  readonly galleries: RenderedBodies;
  readonly tracing: Pick<Tracing, 'photo'>;
  readonly showTrace: ShowTrace;
}

/** The caller: null on a public route, a person on a route without devices, else any holder of a token. */
type PrincipalOf<A extends Access> = A extends 'public'
  ? null
  : A extends readonly (infer R)[]
    ? 'device' extends R
      ? Principal
      : UserPrincipal
    : never;

export interface HandlerRequest<R extends Route> extends ParsedRequest<R> {
  readonly principal: PrincipalOf<R['access']>;
  /** The rows that the caller may see. Its transactions start with the access check. Null on a public route. */
  readonly org: R['access'] extends 'public' ? null : OrgStore;
  readonly ifNoneMatch: string | undefined;
  /** Whether a web page sent the request. */
  readonly browser: boolean;
  readonly log: Logger;
}

/**
 * Handles one route. It returns expected refusals (`return fail('session_not_found')`). A code that the route does not
 * declare does not compile. `failureOf` maps what it throws: lost access to 401, too many requests to 429 or 503, a
 * dependency that is down to 503, and everything else to 500 without detail.
 */
export type Handler<R extends Route> = (
  request: HandlerRequest<R>,
  deps: Deps,
) => Promise<Reply<R> | RenderedReply | Failure<R['errors'][number] & ErrorCode>>;

/** One handler for each route of the contracts. Without one of them the code does not compile. */
export type Handlers = { readonly [N in RouteName]: Handler<Routes[N]> };
