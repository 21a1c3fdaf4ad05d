import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { AuditEvent } from '../api/queries.ts';
import { AuditLine } from './audit-line.tsx';

it('shows an event about a kind of thing that only a later server knows', () => {
  const event = {
    id: 'e1',
    entity_type: 'shot_list',
    entity_id: '01900000-0000-7000-8000-000000000001',
    type: 'shot_list.created',
    message: null,
    meta: null,
    actor: { type: 'system', id: null },
    created_at: '2026-11-22T12:00:00.000Z',
  } as unknown as AuditEvent;
  const none = new Map<string, string>();
  const known = { people: none, devices: none, sites: none, codes: none };
  const html = renderToStaticMarkup(createElement(AuditLine, { event, known }));
  expect(html).toContain('shot_list.created');
  expect(html).toContain('<svg');
});
