import { lookUp } from '@spinbay/contracts';
import { adminTexts } from '../../ui/admin-texts.ts';
import { formatDateTime, localDay } from '../../ui/format.ts';
import type { AuditEvent, Code, Device, Person } from './api/queries.ts';

const { audit } = adminTexts;

/** Known names for ids. */
export interface Directory {
  readonly people: ReadonlyMap<string, string>;
  readonly devices: ReadonlyMap<string, string>;
  readonly sites: ReadonlyMap<string, string>;
  readonly codes: ReadonlyMap<string, string>;
}

export function deviceName({ name, model }: Pick<Device, 'name' | 'model'>): string {
  return name ?? model;
}

/** The end of an id, because ids from about the same time begin alike. */
export function shortId(id: string): string {
  return id.slice(-8);
}

export function directory(
  people: readonly Person[],
  devices: readonly Device[],
  sites: ReadonlyMap<string, string>,
  codes: readonly Code[],
): Directory {
  return {
    people: new Map(people.map(({ id, name }) => [id, name])),
    devices: new Map(devices.map((device) => [device.id, deviceName(device)])),
    sites,
    codes: new Map(codes.flatMap(({ id, label }) => (label === null ? [] : [[id, label]]))),
  };
}

export type AuditKind = keyof typeof audit.kinds;
export const auditKinds = Object.keys(audit.kinds) as AuditKind[];

export function isAuditKind(type: string | null): type is AuditKind {
  return type !== null && Object.hasOwn(audit.kinds, type);
}

/** The text for a type of event. Unknown types of a later release show their own name. */
export function kindWords(type: string): string {
  return isAuditKind(type) ? audit.kinds[type] : type;
}

/** The subject of an event, by name if known; null if the type already says it. */
export function entityWords({ entity_type, entity_id }: AuditEvent, known: Directory): string | null {
  if (entity_type === 'organization' || entity_id === null) return null;
  const named = { user: known.people, device: known.devices, site: known.sites, enrolment_code: known.codes } as const;
  const name = entity_type in named ? named[entity_type as keyof typeof named].get(entity_id) : undefined;
  return name ?? audit.unknown(lookUp<string>(audit.entities, entity_type, entity_type), shortId(entity_id));
}

export function actorWords({ actor }: AuditEvent, known: Directory): string {
  if (actor.type === 'system') return audit.system;
  if (actor.id === null) return audit.nobody;
  const name = (actor.type === 'user' ? known.people : known.devices).get(actor.id);
  return name ?? audit.unknown(lookUp<string>(audit.actors, actor.type, actor.type), shortId(actor.id));
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** The maximum length of a fact, so that it does not fill the page. */
const longestFact = 200;

/** The metadata of an event as short facts. They may contain anything, and are shown as text. */
export function auditFacts(meta: AuditEvent['meta'], known: Directory): Fact[] {
  return Object.entries(meta ?? {}).map(([key, value]) => ({
    name: Object.hasOwn(audit.facts, key) ? audit.facts[key as keyof typeof audit.facts] : key,
    value: isChange(value)
      ? audit.change(factWords(key, value.from, known), factWords(key, value.to, known))
      : factWords(key, value, known),
  }));
}

function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
}

function factWords(key: string, value: unknown, known: Directory): string {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return audit.none;
  if (typeof value === 'boolean') return value ? audit.yes : audit.no;
  if (Array.isArray(value)) return cut(value.map((one) => factWords(key, one, known)).join(', '));
  if (typeof value === 'string') return cut(stringWords(key, value, known));
  return cut(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function stringWords(key: string, value: string, known: Directory): string {
  if (key === 'site_ids') return known.sites.get(value) ?? shortId(value);
  if (key === 'device_id') return known.devices.get(value) ?? shortId(value);
  if (key === 'expires_at' && !Number.isNaN(Date.parse(value))) return formatDateTime(value);
  if (key === 'enrolment_code_id') return known.codes.get(value) ?? shortId(value);
  if (key === 'hash_sha256' || key === 'duplicate_of') return shortId(value);
  return key === 'reason' ? value.replaceAll('_', ' ') : value;
}

function cut(text: string): string {
  return text.length > longestFact ? `${text.slice(0, longestFact)}…` : text;
}

export interface AuditDay {
  /** YYYY-MM-DD in the viewer's time zone. */
  readonly day: string;
  readonly events: readonly AuditEvent[];
}

/** Groups events by day and keeps their order. */
export function auditDays(events: readonly AuditEvent[]): AuditDay[] {
  const days: { day: string; events: AuditEvent[] }[] = [];
  for (const event of events) {
    const day = localDay(new Date(event.created_at));
    const last = days.at(-1);
    if (last?.day === day) last.events.push(event);
    else days.push({ day, events: [event] });
  }
  return days;
}

/** The words for today and yesterday, by day (YYYY-MM-DD). A day may have 23 or 25 hours. */
export function namedDays(now: Date): Readonly<Record<string, string>> {
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return { [localDay(now)]: audit.today, [localDay(yesterday)]: audit.yesterday };
}
