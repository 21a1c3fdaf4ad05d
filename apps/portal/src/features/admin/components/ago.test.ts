import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { type Api, ApiProvider } from '../../../api/api-context.tsx';
import { Ago } from './ago.tsx';

it('compares with the time of the server, because the clock of this device may be hours off', () => {
  const clock = { now: () => Date.parse('2026-11-22T15:00:00Z'), observe: () => {} };
  const value = { clock } as unknown as Api;
  const html = renderToStaticMarkup(
    createElement(ApiProvider, { value }, createElement(Ago, { at: '2026-11-22T12:00:00Z' })),
  );
  expect(html).toContain('>3 h ago<');
});
