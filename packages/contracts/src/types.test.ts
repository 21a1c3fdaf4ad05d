import { randomUUID } from 'node:crypto';
import { expect, expectTypeOf, test } from 'vitest';
import { type Failure, fail, isFailure } from './errors.ts';
import { SessionId, SiteId, UploadId } from './ids.ts';
import type { ParsedRequest, Reply, SentRequest } from './route.ts';
import type { Routes } from './routes.ts';
import { storageKey } from './storage-key.ts';

// The compiler runs these tests: "@ts-expect-error" is an error if the next line compiles.

test('one kind of id cannot replace another', () => {
  const siteId = SiteId.parse(randomUUID());
  const takesSession = (id: SessionId) => id;
  // @ts-expect-error a SiteId is not a SessionId
  expect(takesSession(siteId)).toBe(siteId);
  // @ts-expect-error a string is not a SessionId until it is parsed
  expect(takesSession('a string')).toBe('a string');
  const uploadId = UploadId.parse(randomUUID());
  // @ts-expect-error site and session are swapped, and there is no organization
  const key = storageKey({ siteId: SessionId.parse(siteId), sessionId: siteId, uploadId }, 'image/jpeg');
  expect(key).toContain(uploadId);
});

test('a request is typed by its route', () => {
  expectTypeOf<ParsedRequest<Routes['getSession']>['params']>().toEqualTypeOf<{ session_id: SessionId }>();
  expectTypeOf<ParsedRequest<Routes['listSessions']>['query']['limit']>().toEqualTypeOf<number>();
  expectTypeOf<ParsedRequest<Routes['getSession']>['body']>().toEqualTypeOf<undefined>();
  // A field with a default may be left out.
  expectTypeOf<Record<string, never>>().toExtend<SentRequest<Routes['listSessions']>>();
  expectTypeOf<Record<string, never>>().not.toExtend<SentRequest<Routes['getSession']>>();
});

test('a reply is typed by its status', () => {
  type NotModified = Extract<Reply<Routes['listImages']>, { status: 304 }>;
  expectTypeOf<NotModified['body']>().toEqualTypeOf<null>();
  expectTypeOf<Reply<Routes['createSession']>['status']>().toEqualTypeOf<200 | 201>();
});

test('a failure carries its code in its type', () => {
  const failure = fail('session_not_found');
  expectTypeOf(failure).toEqualTypeOf<Failure<'session_not_found'>>();
  expect(isFailure(failure)).toBe(true);
  for (const other of [null, undefined, 'failure', {}, { failure: 404 }]) expect(isFailure(other)).toBe(false);
  // @ts-expect-error there is no such code
  expect(fail('no_such_code').failure).toBe('no_such_code');
});
