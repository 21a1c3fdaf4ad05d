import { Avatar, Button, Text } from '@mantine/core';
import { ApiError } from '@spinbay/client';
import { lookUp } from '@spinbay/contracts';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useIdentity } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { Pill } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';
import { organizationQuery, type Person, peopleQuery, replaceLine, siteNames } from '../api/queries.ts';
import classes from './admin.module.css';
import { BusyButton } from './busy-button.tsx';
import { Dialog } from './dialog.tsx';
import { Loaded } from './loaded.tsx';
import { More } from './more.tsx';
import { useNotice } from './notice.tsx';
import { PersonForm } from './person-form.tsx';
import { RecordList } from './record-list.tsx';
import { SiteTags } from './site-tags.tsx';
import { StateCell } from './state-cell.tsx';
import { TabHead } from './tab-head.tsx';

const words = adminTexts.people;

export function PeopleTab() {
  const { client } = useApi();
  const me = useIdentity()?.user.id;
  const people = useInfiniteQuery(peopleQuery(client));
  const organization = useQuery(organizationQuery(client));
  const names = siteNames(organization.data);
  const [edited, setEdited] = useState<Person | 'new' | null>(null);
  const access = useAccessChange();
  const close = () => setEdited(null);
  return (
    <>
      <TabHead lead={words.lead}>
        <Button
          leftSection={<IconPlus size={18} aria-hidden="true" />}
          disabled={!organization.data}
          onClick={() => setEdited('new')}
        >
          {words.add}
        </Button>
      </TabHead>
      <Loaded query={people}>
        {({ pages }) => {
          const lines = pages.flatMap(({ items }) => items);
          if (lines.length === 0)
            return <PageState icon={IconUsers} title={words.emptyTitle} body={words.emptyBody} level={2} />;
          return (
            <>
              <RecordList
                label={words.table}
                lines={lines}
                over={({ disabled_at }) => disabled_at !== null}
                columns={[
                  {
                    key: 'person',
                    label: words.columns.person,
                    cell: (person) => <PersonCell person={person} isMe={person.id === me} />,
                  },
                  {
                    key: 'role',
                    label: words.columns.role,
                    cell: ({ role }) => lookUp<string>(texts.header.roles, role, role),
                  },
                  {
                    key: 'sites',
                    label: words.columns.sites,
                    cell: ({ site_ids }) => <SiteTags ids={site_ids} names={names} none={words.noSites} />,
                  },
                  {
                    key: 'state',
                    label: words.columns.state,
                    cell: ({ invitation, disabled_at }) => (
                      <StateCell
                        isWaiting={invitation === 'open'}
                        endedAt={disabled_at}
                        ended="disabled"
                        words={{
                          active: words.active,
                          waiting: words.invited,
                          ended: invitation === 'refused' ? words.refused : words.disabled,
                        }}
                      />
                    ),
                  },
                ]}
                actions={(person) => (
                  <>
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={words.editOf(person.name)}
                      disabled={!organization.data}
                      onClick={() => setEdited(person)}
                    >
                      {words.edit}
                    </Button>
                    <BusyButton
                      size="xs"
                      variant="default"
                      aria-label={
                        person.disabled_at === null ? words.disableOf(person.name) : words.enableOf(person.name)
                      }
                      busy={access.isPending && access.variables.person.id === person.id}
                      onClick={() => access.mutate({ person, disabled: person.disabled_at === null })}
                    >
                      {person.disabled_at === null ? words.disable : words.enable}
                    </BusyButton>
                  </>
                )}
              />
              <More query={people} shown={adminTexts.shown(lines.length, pages.at(-1)?.total ?? 0)} />
            </>
          );
        }}
      </Loaded>
      <Dialog
        opened={edited !== null}
        onClose={close}
        title={edited === null || edited === 'new' ? words.addTitle : words.editOf(edited.name)}
      >
        {edited !== null && organization.data && (
          <PersonForm person={edited === 'new' ? null : edited} sites={organization.data.sites} onDone={close} />
        )}
      </Dialog>
    </>
  );
}

/** Disables or enables a person immediately, with an undo in the notice. */
function useAccessChange() {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const change = useMutation({
    mutationFn: async ({ person, disabled }: { person: Person; disabled: boolean }) =>
      (await client.updateUser({ params: { user_id: person.id }, body: { disabled } })).body,
    onSuccess: (person, { disabled }) => {
      replaceLine(queries, 'people', person);
      notify({
        text: disabled ? words.nowDisabled(person.name) : words.nowEnabled(person.name),
        undo: () => change.mutate({ person, disabled: !disabled }),
      });
    },
    onError: (error, { person }) => {
      const last = error instanceof ApiError && error.code === 'last_admin';
      const text = last ? adminTexts.faults.last_admin_disable(person.name) : faultWords(error).title;
      notify({ text: `${adminTexts.faults.not_done}. ${text}`, failed: true });
    },
  });
  return change;
}

function PersonCell({ person, isMe }: { person: Person; isMe: boolean }) {
  return (
    <div className={classes.person}>
      <Avatar
        size={36}
        radius="xl"
        name={person.name}
        color={person.disabled_at === null ? 'bay' : 'gray'}
        variant="filled"
        aria-hidden="true"
      />
      <div>
        <span className={classes.nameLine}>
          <span>{person.name}</span>
          {isMe && <Pill tone="live">{words.you}</Pill>}
        </span>
        <Text size="sm" c="dimmed" className={classes.breakable}>
          {person.email}
        </Text>
      </div>
    </div>
  );
}
