import { afterEach, expect, it, vi } from 'vitest';
import type { AuditEvent } from './api/queries.ts';
import {
  actorWords,
  auditDays,
  auditFacts,
  type Directory,
  entityWords,
  isAuditKind,
  kindWords,
  namedDays,
} from './audit-words.ts';

afterEach(() => void vi.unstubAllEnvs());

const known: Directory = {
  people: new Map([['u1', 'Rita']]),
  devices: new Map([['d1', 'North phone 1']]),
  sites: new Map([['s1', 'Studio North']]),
  codes: new Map([['c1', 'North phone 2']]),
};

const event = (part: Partial<AuditEvent>) =>
  ({
    id: 'e1',
    entity_type: 'user',
    entity_id: 'u1',
    type: 'user.changed',
    message: null,
    meta: null,
    actor: { type: 'system', id: null },
    created_at: '2026-11-22T12:00:00.000Z',
    ...part,
  }) as AuditEvent;

it('has texts for known types, and shows the name of any other type', () => {
  expect(kindWords('device.revoked')).toBe('Device revoked');
  for (const odd of ['robot.rebelled', 'toString', '<b>x</b>']) {
    expect(isAuditKind(odd)).toBe(false);
    expect(kindWords(odd)).toBe(odd);
  }
});

it('names the subject and the actor of an event, or the end of the id if the name is unknown', () => {
  expect(entityWords(event({}), known)).toBe('Rita');
  expect(entityWords(event({ entity_type: 'enrolment_code', entity_id: 'c1' }), known)).toBe('North phone 2');
  expect(entityWords(event({ entity_type: 'image', entity_id: '01a20533-bccd-7188' }), known)).toBe('Frame ccd-7188');
  expect(entityWords(event({ entity_type: 'organization' }), known)).toBeNull();
  expect(actorWords(event({}), known)).toBe('the server');
  expect(actorWords(event({ actor: { type: 'device', id: 'd1' } }), known)).toBe('North phone 1');
  expect(actorWords(event({ actor: { type: 'user', id: 'd1' } }), known)).toBe('person d1');
});

it('shows a change as short facts, with names for ids', () => {
  const meta = { role: { from: 'operator', to: 'admin' }, site_ids: { from: ['s1'], to: [] }, disabled: true };
  expect(auditFacts(meta, known)).toEqual([
    { name: 'Role', value: 'operator → admin' },
    { name: 'Sites', value: 'Studio North → none' },
    { name: 'Disabled', value: 'yes' },
  ]);
});

it('shows any other metadata as text of limited length', () => {
  const nested = { a: [{ b: '<img src=x>' }] };
  const facts = auditFacts({ constructor: 1, nested, long: 'x'.repeat(9000), reason: 'device_revoked' }, known);
  expect(facts[0]).toEqual({ name: 'constructor', value: '1' });
  expect(facts[1]).toEqual({ name: 'nested', value: JSON.stringify(nested) });
  expect(facts[2]?.value).toHaveLength(201);
  expect(facts[3]).toEqual({ name: 'Reason', value: 'device revoked' });
  expect(auditFacts(null, known)).toEqual([]);
});

it('groups events by the viewer’s local day, in order', () => {
  const at = (time: Date) => event({ created_at: time.toISOString() });
  const [a, b, c] = [at(new Date(2026, 10, 22, 23)), at(new Date(2026, 10, 22, 1)), at(new Date(2026, 10, 21, 23))];
  expect(auditDays([a, b, c])).toEqual([
    { day: '2026-11-22', events: [a, b] },
    { day: '2026-11-21', events: [c] },
  ]);
});

it('names yesterday on the days after a change of daylight saving time', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const names = (time: string) => Object.entries(namedDays(new Date(time)));
  expect(names('2026-03-30T00:30:00')).toEqual([
    ['2026-03-30', 'Today'],
    ['2026-03-29', 'Yesterday'],
  ]);
  expect(names('2026-10-25T23:30:00')).toEqual([
    ['2026-10-25', 'Today'],
    ['2026-10-24', 'Yesterday'],
  ]);
});
