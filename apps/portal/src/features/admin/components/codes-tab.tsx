import { Button, Text } from '@mantine/core';
import { lookUp } from '@spinbay/contracts';
import {
  type Icon,
  IconBan,
  IconCheck,
  IconClockOff,
  IconLock,
  IconPlus,
  IconQrcode,
  IconQuestionMark,
} from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { formatDateTime } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { Pill, type Tone } from '../../../ui/pill.tsx';
import { type Code, codesQuery, organizationQuery, replaceLine, siteNames } from '../api/queries.ts';
import type { Directory } from '../audit-words.ts';
import classes from './admin.module.css';
import { Ago } from './ago.tsx';
import { BusyButton } from './busy-button.tsx';
import { CodeForm, type NewCode } from './code-form.tsx';
import { CodeReveal } from './code-reveal.tsx';
import { Dialog } from './dialog.tsx';
import { EnrolmentMode } from './enrolment-mode.tsx';
import { GpsSwitch } from './gps-switch.tsx';
import { Loaded } from './loaded.tsx';
import { More } from './more.tsx';
import { useNotice } from './notice.tsx';
import { RecordList } from './record-list.tsx';
import { SiteTags } from './site-tags.tsx';
import { TabHead } from './tab-head.tsx';
import { Usage } from './usage.tsx';
import { useDirectory } from './use-directory.ts';

const words = adminTexts.codes;

export function CodesTab() {
  const { client } = useApi();
  const codes = useInfiniteQuery(codesQuery(client));
  const organization = useQuery(organizationQuery(client));
  const names = siteNames(organization.data);
  const known = useDirectory();
  const revoke = useRevoke();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewCode | null>(null);
  const close = () => {
    setMaking(false);
    setMade(null);
  };
  return (
    <>
      {organization.data && (
        <>
          <EnrolmentMode organization={organization.data} />
          <GpsSwitch organization={organization.data} />
          <Usage organization={organization.data} />
        </>
      )}
      <TabHead lead={words.lead}>
        <Button
          leftSection={<IconPlus size={18} aria-hidden="true" />}
          disabled={!organization.data}
          onClick={() => setMaking(true)}
        >
          {words.make}
        </Button>
      </TabHead>
      <Loaded query={codes}>
        {({ pages }) => {
          const lines = pages.flatMap(({ items }) => items);
          if (lines.length === 0)
            return <PageState icon={IconQrcode} title={words.emptyTitle} body={words.emptyBody} level={2} />;
          return (
            <>
              <RecordList
                label={words.table}
                lines={lines}
                over={({ state }) => state !== 'open'}
                columns={[
                  {
                    key: 'code',
                    label: words.columns.code,
                    cell: ({ label }) => (
                      <Text size="sm" fw={600} c={label === null ? 'dimmed' : undefined} className={classes.breakable}>
                        {label ?? words.unnamed}
                      </Text>
                    ),
                  },
                  {
                    key: 'sites',
                    label: words.columns.sites,
                    cell: ({ site_ids }) => <SiteTags ids={site_ids} names={names} none={words.allSites} />,
                  },
                  {
                    key: 'state',
                    label: words.columns.state,
                    cell: (code) => <CodeState code={code} known={known} />,
                  },
                  {
                    key: 'expires',
                    label: words.columns.expires,
                    cell: ({ state, expires_at }) =>
                      state === 'open' ? <Ago at={expires_at} /> : formatDateTime(expires_at),
                  },
                  {
                    key: 'made',
                    label: words.columns.made,
                    cell: ({ created_at, created_by }) => (
                      <>
                        {created_by === null
                          ? words.onServer
                          : (known.people.get(created_by) ?? adminTexts.audit.nobody)}
                        <span className={classes.stateMore}>{formatDateTime(created_at)}</span>
                      </>
                    ),
                  },
                ]}
                actions={(code) =>
                  code.state === 'open' && (
                    <BusyButton
                      size="xs"
                      variant="default"
                      aria-label={words.revokeOf(code.label ?? words.unnamed)}
                      busy={revoke.isPending && revoke.variables.id === code.id}
                      onClick={() => revoke.mutate(code)}
                    >
                      {words.revoke}
                    </BusyButton>
                  )
                }
              />
              <More query={codes} shown={adminTexts.shown(lines.length, pages.at(-1)?.total ?? 0)} />
            </>
          );
        }}
      </Loaded>
      <Dialog opened={making} onClose={close} sticky={made !== null} title={made ? words.readyTitle : words.makeTitle}>
        {made && <CodeReveal made={made} onDone={close} />}
        {!made && organization.data && <CodeForm sites={organization.data.sites} onMade={setMade} onCancel={close} />}
      </Dialog>
    </>
  );
}

/** Revokes without a question, because a code that was revoked by mistake is easy to replace. */
function useRevoke() {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  return useMutation({
    mutationFn: async ({ id }: Code) => (await client.revokeEnrolmentCode({ params: { enrolment_code_id: id } })).body,
    onSuccess: (code) => {
      replaceLine(queries, 'codes', code);
      notify({ text: words.nowRevoked(code.label ?? words.unnamed) });
      document.getElementById('content')?.focus({ preventScroll: true });
    },
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
  });
}

type Look = { readonly tone: Tone; readonly icon: Icon };

const looks: Record<Code['state'], Look> = {
  open: { tone: 'live', icon: IconQrcode },
  used: { tone: 'pass', icon: IconCheck },
  expired: { tone: 'calm', icon: IconClockOff },
  revoked: { tone: 'calm', icon: IconBan },
  exhausted: { tone: 'warn', icon: IconLock },
};

/** For an unknown state of a later server. */
const unknownLook: Look = { tone: 'calm', icon: IconQuestionMark };

/** Wrong attempts that a code allows. */
const allowedAttempts = 5;

function CodeState({ code, known }: { code: Code; known: Directory }) {
  const notes = {
    open: code.tries_left < allowedAttempts ? words.triesLeft(code.tries_left) : null,
    used: code.device_id === null ? null : words.usedBy(known.devices.get(code.device_id) ?? adminTexts.audit.nobody),
    expired: null,
    revoked: null,
    exhausted: words.exhausted,
  };
  const more = lookUp<string | null>(notes, code.state, null);
  return (
    <span className={classes.state}>
      <Pill {...lookUp(looks, code.state, unknownLook)} data-state={code.state}>
        {lookUp<string>(words.states, code.state, code.state)}
      </Pill>
      {more !== null && <span className={classes.stateMore}>{more}</span>}
    </span>
  );
}
