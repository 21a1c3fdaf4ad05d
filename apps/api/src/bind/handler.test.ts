import { fail, type Routes } from '@spinbay/contracts';
import { expect, expectTypeOf, test } from 'vitest';
import type { Handler, HandlerRequest, Handlers } from './handler.ts';

// Checked by the compiler with the rest of the code: where a line below compiled, "@ts-expect-error" would be an error.

test('every route has a handler', () => {
  const { listSites, ...others } = {} as Handlers;
  // @ts-expect-error listSites is missing
  const handlers: Handlers = others;
  expect([handlers, listSites]).toBeDefined();
});

test('a handler answers with the errors and replies of its route only', () => {
  const declared: Handler<Routes['getSession']> = async () => fail('session_not_found');
  // @ts-expect-error the route does not declare this code
  const undeclared: Handler<Routes['getSession']> = async () => fail('image_not_found');
  // @ts-expect-error there is no reply 204
  const otherStatus: Handler<Routes['listSites']> = async () => ({ status: 204, body: null });
  // @ts-expect-error a site has a name
  const otherBody: Handler<Routes['listSites']> = async () => ({ status: 200, body: { items: [{ id: 'x' }] } });
  expect([declared, undeclared, otherStatus, otherBody]).toHaveLength(4);
});

test('who is calling is known from the route’s access', () => {
  expectTypeOf<HandlerRequest<Routes['authDevice']>['principal']>().toEqualTypeOf<null>();
  expectTypeOf<HandlerRequest<Routes['publishImage']>['principal']['type']>().toEqualTypeOf<'user'>();
  expectTypeOf<HandlerRequest<Routes['presignImage']>['principal']['type']>().toEqualTypeOf<'user' | 'device'>();
});
