import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Menu } from './menu.tsx';

it('keeps the focus on a busy item: it is disabled for people, but not for the browser', () => {
  const Item = () => Menu.Item({ disabled: true, onClick: () => {}, children: 'Sign out' });
  const Page = () => Menu({ width: 200, children: createElement(Item) });
  const html = renderToStaticMarkup(createElement(Page));
  expect(html).toContain('aria-disabled="true"');
  expect(html).not.toMatch(/ disabled/);
});
