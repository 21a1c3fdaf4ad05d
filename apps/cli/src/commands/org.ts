import {
  AuditDays,
  CodeLifetime,
  DeviceId,
  DeviceName,
  defaultCodeLifetime,
  EdgeWidthLimit,
  Email,
  Enrolment,
  MinLongSide,
  OrganizationName,
  PersonName,
  QcProfile,
  QuotaBytes,
  QuotaSessionsPerDay,
  SiteName,
  UserRole,
} from '@spinbay/contracts';
import type { DeviceRow } from '@spinbay/core';
import { z } from 'zod';
import * as actions from '../org/actions.ts';
import { type Installation, withInstallation } from '../org/installation.ts';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { parseOption } from '../terminal/parse-option.ts';
import { print, printableJson } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';

const usage = 'org COMMAND [--json]';

const KeepOrDrop = z.enum(['keep', 'drop']);

const details = `
  org list
  org create NAME [--enrolment open|code] [--site NAME ...]
  org site ORG NAME                        add a site
  org user ORG EMAIL --name N --role operator|reviewer|admin [--site NAME ...]
                                           add or enable a person; change only the given options
  org disable-user ORG EMAIL               disable a person immediately
  org code ORG [--label L] [--hours H] [--site NAME ... | --all-sites]
                                           create a code that enrols one device, bound to these
                                           sites, or to the only site
  org enrolment ORG open|code              set whether devices need a code
  org gps ORG keep|drop                    set whether the location of new photos is stored
  org audit-days ORG DAYS|default          set for how many days the audit log is kept
  org qc ORG v1|v2|v3|default [--edge-width PX|default] [--min-side PX|default] [--all]
                                           set the rules that judge new frames, the edge width at
                                           which v3 fails a frame, and the minimum number of pixels on
                                           the long side of a photo; --all also judges existing frames
  org quota ORG [--gigabytes N|none] [--sessions-per-day N|none]
                                           limit the stored bytes and the sessions per day; without
                                           options, show the limits and what is used
  org devices ORG
  org revoke ORG DEVICE                    revoke a device immediately and permanently
  org block ORG DEVICE                     revoke a device and refuse its app when it enrols again
  org unblock ORG DEVICE                   let the app of a blocked device enrol again

  Name organizations and sites by id or exact name. The command works on the database of
  DATABASE_URL, as the role that owns the tables. Without DATABASE_URL, it works on the
  installation that runs here. --json prints JSON for programs.`;

export const org = {
  usage,
  about:
    'Manages organizations, their sites, people and devices, on the server itself. "org --help" lists the commands.',
  details,
  run: (args: string[]) => runOrg(args, process.env, print),
};

const flags = {
  enrolment: { type: 'string' },
  site: { type: 'string', multiple: true, default: [] as string[] },
  name: { type: 'string' },
  role: { type: 'string' },
  label: { type: 'string' },
  hours: { type: 'string' },
  'all-sites': { type: 'boolean' },
  'edge-width': { type: 'string' },
  'min-side': { type: 'string' },
  all: { type: 'boolean' },
  gigabytes: { type: 'string' },
  'sessions-per-day': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;
type Flag = Exclude<keyof typeof flags, 'json'>;

interface ParsedArguments {
  readonly values: {
    readonly [F in Exclude<Flag, 'site' | 'all-sites' | 'all'>]?: string | undefined;
  } & { readonly site: string[]; readonly 'all-sites'?: boolean | undefined; readonly all?: boolean | undefined };
  readonly rest: readonly string[];
}

interface Subcommand {
  /** The arguments after its name, including the organization. */
  readonly params: readonly string[];
  readonly flags: readonly Flag[];
  /** @returns the facts for `--json`, and their text */
  readonly run: (installation: Installation, parsed: ParsedArguments) => Promise<{ facts: unknown; text: string }>;
}

/** @returns the exit status */
export async function runOrg(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void,
): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, flags);
  const [name = '', ...rest] = positionals;
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand === undefined)
    throw new CommandError(`${name === '' ? 'Name a command' : `There is no "org ${name}"`}:\n${details}`);
  const unsupported = (Object.keys(flags) as (keyof typeof flags)[]).find(
    (flag) =>
      flag !== 'json' && !subcommand.flags.includes(flag) && values[flag] !== undefined && !isEmpty(values[flag]),
  );
  if (unsupported !== undefined) throw new CommandError(`"org ${name}" has no option --${unsupported}.\n${details}`);
  if (rest.length !== subcommand.params.length)
    throw new CommandError(`Usage: spinbay ${['org', name, ...subcommand.params].join(' ')}\n${details}`);
  const { facts, text } = await withInstallation(environment, (installation) =>
    subcommand.run(installation, { values, rest }),
  );
  print(values.json ? printableJson(facts) : text);
  return 0;
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

const subcommands: Record<string, Subcommand> = {
  list: {
    params: [],
    flags: [],
    run: async (installation) => {
      const facts = await actions.list(installation);
      const rows = facts.map((line) => [line.id, line.name, line.enrolment]);
      const none = 'There is no organization yet. Run "spinbay org create NAME" to create one.';
      return { facts, text: rows.length === 0 ? none : table([['id', 'name', 'enrolment'], ...rows]) };
    },
  },
  create: {
    params: ['NAME'],
    flags: ['enrolment', 'site'],
    run: async (installation, { values, rest: [name] }) => {
      const facts = await actions.create(installation, {
        name: parseOption(usage, 'NAME', OrganizationName, name),
        enrolment: parseOption(usage, '--enrolment', Enrolment, values.enrolment ?? 'code'),
        sites: values.site.map((site) => parseOption(usage, '--site', SiteName, site)),
      });
      const next = `Next: npx spinbay org user ${facts.id} EMAIL --name N --role admin`;
      return { facts, text: `Created ${facts.name} with the id ${facts.id}.\n${next}` };
    },
  },
  site: {
    params: ['ORG', 'NAME'],
    flags: [],
    run: async (installation, { rest: [organization, name] }) => {
      const facts = await actions.addSite(installation, organization, parseOption(usage, 'NAME', SiteName, name));
      return { facts, text: `Added the site ${facts.name} with the id ${facts.id}.` };
    },
  },
  user: {
    params: ['ORG', 'EMAIL'],
    flags: ['name', 'role', 'site'],
    run: async (installation, { values, rest: [organization, email] }) => {
      const { name, role, site } = values;
      const facts = await actions.putUser(installation, organization, {
        email: parseOption(usage, 'EMAIL', Email, email),
        name: name === undefined ? undefined : parseOption(usage, '--name', PersonName, name),
        role: role === undefined ? undefined : parseOption(usage, '--role', UserRole, role),
        sites: site,
      });
      const sees =
        facts.site_ids.length === 0
          ? 'no site yet (--site NAME)'
          : `${facts.site_ids.length} site${facts.site_ids.length === 1 ? '' : 's'}`;
      return { facts, text: `${facts.email} can sign in as ${facts.role}, with access to ${sees}.` };
    },
  },
  'disable-user': {
    params: ['ORG', 'EMAIL'],
    flags: [],
    run: async (installation, { rest: [organization, email] }) => {
      const facts = await actions.disableUser(installation, organization, parseOption(usage, 'EMAIL', Email, email));
      return { facts, text: `${facts.email} is disabled. Run "org user" to enable this person again.` };
    },
  },
  code: {
    params: ['ORG'],
    flags: ['label', 'hours', 'site', 'all-sites'],
    run: async (installation, { values, rest: [organization] }) => {
      const { label, hours, site, 'all-sites': allSites = false } = values;
      if (allSites && site.length > 0) throw new CommandError('Give --site or --all-sites, not both.');
      const facts = await actions.createCode(installation, organization, {
        label: label === undefined ? undefined : parseOption(usage, '--label', DeviceName, label),
        lifetime: hours === undefined ? defaultCodeLifetime : lifetimeOf(hours),
        sites: site,
        allSites,
      });
      const lines = [
        ['Code', facts.code],
        ['Organization', facts.org_id],
        ['Valid until', facts.expires_at.toISOString()],
        ...(facts.enrol_url === null ? [] : [['Link', facts.enrol_url]]),
      ];
      return { facts, text: `${table(lines)}\n\n  The code enrols one device. It is shown only once.` };
    },
  },
  enrolment: {
    params: ['ORG', 'open|code'],
    flags: [],
    run: async (installation, { rest: [organization, wanted] }) => {
      const enrolment = parseOption(usage, 'enrolment', Enrolment, wanted);
      const { id, name } = await actions.setEnrolment(installation, organization, enrolment);
      const means = enrolment === 'open' ? `everyone who knows the id ${id}` : 'only people with a code ("org code")';
      return { facts: { id, name, enrolment }, text: `${name}: ${means} can enrol devices.` };
    },
  },
  gps: {
    params: ['ORG', 'keep|drop'],
    flags: [],
    run: async (installation, { rest: [organization, wanted] }) => {
      const keep = parseOption(usage, 'gps', KeepOrDrop, wanted) === 'keep';
      const { id, name, keep_gps } = await actions.setKeepGps(installation, organization, keep);
      const means = keep_gps ? 'is stored' : 'is not stored';
      return {
        facts: { id, name, keep_gps },
        text: `${name}: from the next photo on, the location ${means}.`,
      };
    },
  },
  'audit-days': {
    params: ['ORG', 'DAYS|default'],
    flags: [],
    run: async (installation, { rest: [organization, wanted] }) => {
      const days = wanted === 'default' ? null : parseOption(usage, 'audit-days', AuditDays, Number(wanted));
      const { id, name, audit_days } = await actions.setAuditDays(installation, organization, days);
      const means = audit_days === null ? 'as long as all events (EVENT_RETENTION_DAYS)' : `${audit_days} days`;
      return { facts: { id, name, audit_days }, text: `${name}: the audit log is kept ${means}.` };
    },
  },
  qc: {
    params: ['ORG', 'v1|v2|v3|default'],
    flags: ['edge-width', 'min-side', 'all'],
    run: async (installation, { values, rest: [organization, wanted] }) => {
      const { 'edge-width': width, 'min-side': side } = values;
      const choice = {
        qc_profile: wanted === 'default' ? null : parseOption(usage, 'qc', QcProfile, wanted),
        ...(width !== undefined && {
          qc_edge_width_fail:
            width === 'default' ? null : parseOption(usage, '--edge-width', EdgeWidthLimit, Number(width)),
        }),
        ...(side !== undefined && {
          qc_min_long_side: side === 'default' ? null : parseOption(usage, '--min-side', MinLongSide, Number(side)),
        }),
      };
      const facts = await actions.setQc(installation, organization, choice, values.all === true);
      const rules =
        facts.qc_profile === null ? 'by the profile of the installation (QC_PROFILE)' : `by ${facts.qc_profile}`;
      const { qc_edge_width_fail: limit, qc_min_long_side: minimum } = facts;
      const limits =
        (limit === null ? '' : ` v3 fails frames with edges wider than ${limit} px.`) +
        (minimum === null ? '' : ` A photo needs at least ${minimum} px on its long side.`);
      const frames = facts.rejudged_frames;
      const earlier = frames === null ? '' : ` The worker judges ${frames} earlier frames again.`;
      return { facts, text: `${facts.name}: new frames are judged ${rules}.${limits}${earlier}` };
    },
  },
  quota: {
    params: ['ORG'],
    flags: ['gigabytes', 'sessions-per-day'],
    run: async (installation, { values, rest: [organization] }) => {
      const { gigabytes, 'sessions-per-day': sessions } = values;
      const { id, name, ...facts } = await actions.changeQuotas(installation, organization, {
        ...(gigabytes !== undefined && { quota_bytes: quotaOf('--gigabytes', QuotaBytes, gigabytes, 1e9) }),
        ...(sessions !== undefined && {
          quota_sessions_per_day: quotaOf('--sessions-per-day', QuotaSessionsPerDay, sessions, 1),
        }),
      });
      const { quota_bytes, quota_sessions_per_day, stored_bytes, sessions_today } = facts;
      const bytes = `${stored_bytes / 1e9} GB${quota_bytes === null ? ' stored (no limit)' : ` of ${quota_bytes / 1e9} GB stored`}`;
      const limit = quota_sessions_per_day;
      const started = `${sessions_today}${limit === null ? '' : ` of ${limit}`} sessions started today (UTC${limit === null ? ', no limit' : ''})`;
      return {
        facts: { id, name, quota_bytes, quota_sessions_per_day, stored_bytes, sessions_today },
        text: `${name}: ${bytes}, ${started}.`,
      };
    },
  },
  devices: {
    params: ['ORG'],
    flags: [],
    run: async (installation, { rest: [organization] }) => {
      const facts = await actions.devices(installation, organization);
      const rows = facts.map((device) => [
        device.id,
        device.name ?? device.model,
        `${device.platform} ${device.app_version}`,
        device.sites.join(', ') || 'all',
        stateOf(device),
      ]);
      const none = 'No device is enrolled.';
      return { facts, text: rows.length === 0 ? none : table([['id', 'name', 'app', 'sites', ''], ...rows]) };
    },
  },
  revoke: {
    params: ['ORG', 'DEVICE'],
    flags: [],
    run: async (installation, { rest: [organization, device] }) => {
      const facts = await actions.revoke(installation, organization, parseOption(usage, 'DEVICE', DeviceId, device));
      return { facts, text: `${facts.name ?? facts.model} is revoked. It can enrol again as a new device.` };
    },
  },
  block: {
    params: ['ORG', 'DEVICE'],
    flags: [],
    run: async (installation, { rest: [organization, device] }) => {
      const facts = await actions.block(installation, organization, parseOption(usage, 'DEVICE', DeviceId, device));
      return { facts, text: `${facts.name ?? facts.model} is blocked. Its app cannot enrol again.` };
    },
  },
  unblock: {
    params: ['ORG', 'DEVICE'],
    flags: [],
    run: async (installation, { rest: [organization, device] }) => {
      const facts = await actions.unblock(installation, organization, parseOption(usage, 'DEVICE', DeviceId, device));
      return { facts, text: `The app of ${facts.name ?? facts.model} can enrol again as a new device.` };
    },
  },
};

function lifetimeOf(hours: string): number {
  const seconds = Number(hours) * 3600;
  if (!CodeLifetime.safeParse(Math.round(seconds)).success)
    throw new CommandError(`--hours ${hours}: a code is valid for a minute (0.017) to 30 days (720).`);
  return Math.round(seconds);
}

/** Null: no limit. */
function quotaOf(option: string, schema: typeof QuotaBytes, text: string, unit: number): number | null {
  return text === 'none' ? null : parseOption(usage, option, schema, Math.round(Number(text || Number.NaN) * unit));
}

function stateOf({ revoked_at, blocked_at, last_seen }: Pick<DeviceRow, 'revoked_at' | 'blocked_at' | 'last_seen'>) {
  if (blocked_at !== null) return 'blocked';
  return revoked_at === null ? `seen ${last_seen.toISOString()}` : 'revoked';
}
