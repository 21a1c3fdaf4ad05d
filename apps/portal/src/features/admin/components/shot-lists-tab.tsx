import { Button, Group, Text } from '@mantine/core';
import type { SavedShotList } from '@spinbay/contracts';
import { IconListCheck, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { formatDateTime } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { shotListTexts as words } from '../../../ui/shot-list-texts.ts';
import { invalidateShotLists, shotListsQuery } from '../api/queries.ts';
import { formFaults } from '../form-faults.ts';
import classes from './admin.module.css';
import { BusyButton } from './busy-button.tsx';
import { Dialog, FaultAlert } from './dialog.tsx';
import { Loaded } from './loaded.tsx';
import { useNotice } from './notice.tsx';
import { RecordList } from './record-list.tsx';
import { ShotListForm } from './shot-list-form.tsx';
import { TabHead } from './tab-head.tsx';

type Open = { readonly what: 'edit'; readonly list: SavedShotList | null } | { what: 'delete'; list: SavedShotList };

export function ShotListsTab() {
  const { client } = useApi();
  const lists = useQuery(shotListsQuery(client));
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <TabHead lead={words.lead}>
        <Button
          leftSection={<IconPlus size={18} aria-hidden="true" />}
          onClick={() => setOpen({ what: 'edit', list: null })}
        >
          {words.add}
        </Button>
      </TabHead>
      <Loaded query={lists}>
        {(items) =>
          items.length === 0 ? (
            <PageState icon={IconListCheck} title={words.emptyTitle} body={words.emptyBody} level={2} />
          ) : (
            <RecordList
              label={words.table}
              lines={items}
              columns={[
                {
                  key: 'name',
                  label: words.columns.name,
                  cell: ({ name }) => (
                    <Text size="sm" fw={600} className={classes.breakable}>
                      {name}
                    </Text>
                  ),
                },
                { key: 'shots', label: words.columns.shots, cell: ({ shots }) => countsOf(shots) },
                {
                  key: 'changed',
                  label: words.columns.changed,
                  cell: ({ updated_at }) => <time dateTime={updated_at}>{formatDateTime(updated_at)}</time>,
                },
              ]}
              actions={(list) => (
                <>
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={words.editOf(list.name)}
                    onClick={() => setOpen({ what: 'edit', list })}
                  >
                    {words.edit}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={words.deleteOf(list.name)}
                    onClick={() => setOpen({ what: 'delete', list })}
                  >
                    {words.delete}
                  </Button>
                </>
              )}
            />
          )
        }
      </Loaded>
      <Dialog
        opened={open?.what === 'edit'}
        onClose={close}
        title={open?.what === 'edit' && open.list !== null ? words.editOf(open.list.name) : words.addTitle}
        sticky
      >
        {open?.what === 'edit' && <ShotListForm list={open.list} onDone={close} />}
      </Dialog>
      <Dialog
        opened={open?.what === 'delete'}
        onClose={close}
        title={open?.what === 'delete' ? words.deleteTitle(open.list.name) : ''}
      >
        {open?.what === 'delete' && <DeleteQuestion list={open.list} onDone={close} />}
      </Dialog>
    </>
  );
}

function countsOf(shots: SavedShotList['shots']): string {
  const required = shots.filter((shot) => shot.required).length;
  return words.counts(required, shots.length - required);
}

function DeleteQuestion({ list, onDone }: { readonly list: SavedShotList; readonly onDone: () => void }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const remove = useMutation({
    mutationFn: () => client.deleteShotList({ params: { shot_list_id: list.id } }),
    onSuccess: async () => {
      await invalidateShotLists(queries);
      notify({ text: words.deleted(list.name) });
      onDone();
      // The button that opened the dialog is gone, so the dialog cannot return the focus to it.
      setTimeout(() => document.getElementById('content')?.focus({ preventScroll: true }), 50);
    },
  });
  const fault = formFaults(remove.error, []).form;
  return (
    <>
      {fault !== null && <FaultAlert title={adminTexts.faults.not_done} body={fault} />}
      <Text>{words.deleteBody}</Text>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" data-autofocus onClick={onDone}>
          {words.keep}
        </Button>
        <BusyButton color="red" busy={remove.isPending} onClick={() => remove.mutate()}>
          {words.deleteConfirm}
        </BusyButton>
      </Group>
    </>
  );
}
