import { Button, Text } from '@mantine/core';
import { routes, type SiteId } from '@spinbay/contracts';
import { IconBuildingWarehouse, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { formatDateTime } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { invalidateSites, type Organization, organizationQuery } from '../api/queries.ts';
import { textFault } from '../form-faults.ts';
import { useFormFaults } from '../use-form-faults.ts';
import classes from './admin.module.css';
import { Dialog, DialogForm } from './dialog.tsx';
import { Loaded } from './loaded.tsx';
import { NameField } from './name-field.tsx';
import { useNotice } from './notice.tsx';
import { RecordList } from './record-list.tsx';
import { TabHead } from './tab-head.tsx';

type Site = Organization['sites'][number];
const words = adminTexts.sites;
const { name: siteName } = routes.createSite.body.shape;

export function SitesTab() {
  const { client } = useApi();
  const organization = useQuery(organizationQuery(client));
  const [edited, setEdited] = useState<Site | 'new' | null>(null);
  const close = () => setEdited(null);
  return (
    <>
      <TabHead lead={words.lead}>
        <Button leftSection={<IconPlus size={18} aria-hidden="true" />} onClick={() => setEdited('new')}>
          {words.add}
        </Button>
      </TabHead>
      <Loaded query={organization}>
        {({ sites }) =>
          sites.length === 0 ? (
            <PageState icon={IconBuildingWarehouse} title={words.emptyTitle} body={words.emptyBody} level={2} />
          ) : (
            <RecordList
              label={words.table}
              lines={sites}
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
                {
                  key: 'created',
                  label: words.columns.created,
                  cell: ({ created_at }) => <time dateTime={created_at}>{formatDateTime(created_at)}</time>,
                },
              ]}
              actions={(site) => (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={words.renameOf(site.name)}
                  onClick={() => setEdited(site)}
                >
                  {words.rename}
                </Button>
              )}
            />
          )
        }
      </Loaded>
      <Dialog
        opened={edited !== null}
        onClose={close}
        title={edited === null || edited === 'new' ? words.addTitle : words.renameOf(edited.name)}
      >
        {edited !== null && <SiteForm site={edited === 'new' ? null : edited} onDone={close} />}
      </Dialog>
    </>
  );
}

const fields = ['name'] as const;

function SiteForm({ site, onDone }: { site: Site | null; onDone: () => void }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const [name, setName] = useState(site?.name ?? '');
  const rename = async (id: SiteId, from: string, to: string, undoable: boolean) => {
    await client.updateSite({ params: { site_id: id }, body: { name: to } });
    await invalidateSites(queries);
    notify({
      text: words.renamed(from, to),
      ...(undoable && {
        undo: () =>
          void rename(id, to, from, false).catch(() => notify({ text: adminTexts.faults.not_done, failed: true })),
      }),
    });
  };
  const save = useMutation({
    mutationFn: async () => {
      const wanted = name.trim();
      if (site) return site.name === wanted ? undefined : rename(site.id, site.name, wanted, true);
      await client.createSite({ body: { name: wanted } });
      await invalidateSites(queries);
      notify({ text: words.added(wanted) });
    },
    onSuccess: onDone,
  });
  const { faults, check } = useFormFaults(save.error, fields);
  const submit = () => {
    const found = textFault(name, siteName, adminTexts.faults.text);
    if (check(found === null ? {} : { name: found })) save.mutate();
  };
  return (
    <DialogForm
      faults={faults}
      submit={site ? adminTexts.save : words.add}
      busy={save.isPending}
      onSubmit={submit}
      onCancel={onDone}
    >
      <NameField label={words.name} hint={words.nameHint} error={faults.fields.name} value={name} onChange={setName} />
    </DialogForm>
  );
}
