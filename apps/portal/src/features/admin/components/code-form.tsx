import { Checkbox, NativeSelect } from '@mantine/core';
import type { Client } from '@spinbay/client';
import { DeviceName, defaultCodeLifetime, type SiteId } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { invalidateAudit, type Organization } from '../api/queries.ts';
import { textFault } from '../form-faults.ts';
import { useFormFaults } from '../use-form-faults.ts';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { SitePicker } from './site-picker.tsx';

const words = adminTexts.codes;
const fields = ['label', 'site_ids'] as const;

export type NewCode = Awaited<ReturnType<Client['createEnrolmentCode']>>['body'] & {
  /** When it expires, in epoch milliseconds of this device's clock, which may be wrong. So it is counted from the reply. */
  readonly until: number;
};

interface CodeFormProps {
  readonly sites: Organization['sites'];
  readonly onMade: (made: NewCode) => void;
  readonly onCancel: () => void;
}

export function CodeForm({ sites, onMade, onCancel }: CodeFormProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [lifetime, setLifetime] = useState(defaultCodeLifetime);
  const [siteIds, setSiteIds] = useState<SiteId[]>(() => (sites.length === 1 ? sites.map(({ id }) => id) : []));
  const [allSites, setAllSites] = useState(false);
  const make = useMutation({
    mutationFn: async () => {
      const wanted = label.trim();
      const body = {
        ...(wanted !== '' && { label: wanted }),
        expires_in_s: lifetime,
        ...(allSites ? { all_sites: true } : { site_ids: siteIds }),
      };
      return (await client.createEnrolmentCode({ body })).body;
    },
    onSuccess: (made) => {
      invalidateAudit(queries);
      void queries.invalidateQueries({ queryKey: ['admin', 'codes'] });
      onMade({ ...made, until: Date.now() + lifetime * 1000 });
    },
    // The code is a secret and must not stay in a cache after the dialog is closed.
    gcTime: 0,
  });
  const { faults, check } = useFormFaults(make.error, fields);
  const shown = faults.fields;
  const submit = () => {
    const fault = label.trim() === '' ? null : textFault(label, DeviceName, adminTexts.faults.text);
    const found = {
      ...(fault !== null && { label: fault }),
      ...(!allSites && siteIds.length === 0 && { site_ids: words.chooseSites }),
    };
    if (check(found)) make.mutate();
  };
  return (
    <DialogForm faults={faults} submit={words.make} busy={make.isPending} onSubmit={submit} onCancel={onCancel}>
      <NameField label={words.label} hint={words.labelHint} error={shown.label} value={label} onChange={setLabel} />
      <NativeSelect
        label={words.lifetime}
        value={String(lifetime)}
        onChange={({ currentTarget }) => setLifetime(Number(currentTarget.value))}
      >
        {Object.entries(words.lifetimes).map(([seconds, name]) => (
          <option key={seconds} value={seconds}>
            {name}
          </option>
        ))}
      </NativeSelect>
      <Checkbox
        label={words.allSites}
        description={words.allSitesHint}
        checked={allSites}
        onChange={({ currentTarget }) => setAllSites(currentTarget.checked)}
        error={allSites ? shown.site_ids : undefined}
      />
      {!allSites && (
        <SitePicker
          label={words.sites}
          hint={words.sitesHint}
          sites={sites}
          chosen={siteIds}
          onChange={setSiteIds}
          error={shown.site_ids}
        />
      )}
    </DialogForm>
  );
}
