import { fail, type Routes } from '@spinbay/contracts';
import { expect, expectTypeOf, test } from 'vitest';
import type { Handler, HandlerRequest, Handlers } from './handler.ts';

// The compiler runs these tests: "@ts-expect-error" is an error if the next line compiles.

test('every route has a handler', () => {
  const { listSites, ...others } = {} as Handlers;
  // @ts-expect-error listSites is missing
  const handlers: Handlers = others;
  expect([handlers, listSites]).toBeDefined();
});

test('a handler returns only errors and replies of its route', () => {
  const declared: Handler<Routes['getSession']> = async () => fail('session_not_found');
  // @ts-expect-error the route does not declare this code
  const undeclared: Handler<Routes['getSession']> = async () => fail('image_not_found');
  // @ts-expect-error there is no reply 204
  const otherStatus: Handler<Routes['listSites']> = async () => ({ status: 204, body: null });
  // @ts-expect-error a site has a name
  const otherBody: Handler<Routes['listSites']> = async () => ({ status: 200, body: { items: [{ id: 'x' }] } });
  expect([declared, undeclared, otherStatus, otherBody]).toHaveLength(4);
});

test('the type of the caller follows from the access of the route', () => {
  expectTypeOf<HandlerRequest<Routes['authDevice']>['principal']>().toEqualTypeOf<null>();
  expectTypeOf<HandlerRequest<Routes['publishImage']>['principal']['type']>().toEqualTypeOf<'user'>();
  expectTypeOf<HandlerRequest<Routes['presignImage']>['principal']['type']>().toEqualTypeOf<'user' | 'device'>();
});
