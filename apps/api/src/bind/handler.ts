import type { Access, ErrorCode, Failure, ParsedRequest, Reply, Route, RouteName, Routes } from '@spinbay/contracts';
import type { OrgStore, Store } from '@spinbay/core';
import type { Objects } from '@spinbay/objects';
import type { Queue } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import type { IdTokens, Principal, Tokens, UserPrincipal } from '@spinbay/tokens';
import type { RenderedBodies } from './rendered-bodies.ts';
import type { RenderedReply } from './send-reply.ts';

/** What handlers work with; made once in main. */
export interface Deps {
  readonly store: Store;
  readonly objects: Objects;
  /** The bucket of `objects`. */
  readonly bucket: string;
  /** The queue that the bucket's events go to. Null: this API cannot put messages on it. */
  readonly queue: Pick<Queue, 'send'> | null;
  /** The bucket sends no events: clients are asked to say when they have put a photo. */
  readonly uploadHints: boolean;
  readonly tokens: Tokens;
  readonly idTokens: IdTokens;
  /** Where clients reach this API. */
  readonly publicUrl: string;
  /** Address of the capture app, where there is one. */
  readonly captureUrl: string | undefined;
  /** For so long what is erased can be restored. */
  readonly eraseUndoMs: number;
  /** Galleries as they were sent last. */
  readonly galleries: RenderedBodies;
}

/** Nobody on a public route, a person where devices are not let in, else whoever the token names. */
type PrincipalOf<A extends Access> = A extends 'public'
  ? null
  : A extends readonly (infer R)[]
    ? 'device' extends R
      ? Principal
      : UserPrincipal
    : never;

export interface HandlerRequest<R extends Route> extends ParsedRequest<R> {
  readonly principal: PrincipalOf<R['access']>;
  /** The rows that the caller may see; its transactions begin with the access check. Null on a public route. */
  readonly org: R['access'] extends 'public' ? null : OrgStore;
  readonly ifNoneMatch: string | undefined;
  /** A page of some origin sent the request. */
  readonly browser: boolean;
  readonly log: Logger;
}

/**
 * Answers one route. Expected refusals are returned (`return fail('session_not_found')`), and only codes that the route
 * declares compile; whatever is thrown becomes a 500 or 503 without detail.
 */
export type Handler<R extends Route> = (
  request: HandlerRequest<R>,
  deps: Deps,
) => Promise<Reply<R> | RenderedReply | Failure<R['errors'][number] & ErrorCode>>;

/** One handler for each route of the contracts: a missing one does not compile. */
export type Handlers = { readonly [N in RouteName]: Handler<Routes[N]> };
