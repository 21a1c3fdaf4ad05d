import { NativeSelect } from '@mantine/core';
import type { Client } from '@spinbay/client';
import { DeviceName, defaultCodeLifetime, type SiteId } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { forgetAudit, type Organization } from '../api/queries.ts';
import { formFaults, textFault } from '../form-faults.ts';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { SitePicker } from './site-picker.tsx';

const words = adminTexts.codes;

export type NewCode = Awaited<ReturnType<Client['createEnrolmentCode']>>['body'] & {
  /** By this device's clock, epoch milliseconds, counted from the receipt: the clock may be wrong. */
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
  const [siteIds, setSiteIds] = useState<SiteId[]>([]);
  const [found, setFound] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: async () => {
      const wanted = label.trim();
      const body = { ...(wanted !== '' && { label: wanted }), site_ids: siteIds, expires_in_s: lifetime };
      return (await client.createEnrolmentCode({ body })).body;
    },
    onSuccess: (made) => {
      forgetAudit(queries);
      void queries.invalidateQueries({ queryKey: ['admin', 'codes'] });
      onMade({ ...made, until: Date.now() + lifetime * 1000 });
    },
    // The code is a secret: it is not to lie in a cache once the dialog is closed.
    gcTime: 0,
  });
  const faults =
    found === null ? formFaults(make.error, ['label', 'site_ids']) : { fields: { label: found }, form: null };
  const shown: { label?: string; site_ids?: string } = faults.fields;
  const submit = () => {
    const fault = label.trim() === '' ? null : textFault(label, DeviceName, adminTexts.faults.text);
    setFound(fault);
    if (fault === null) make.mutate();
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
      <SitePicker
        label={words.sites}
        hint={words.sitesHint}
        sites={sites}
        chosen={siteIds}
        onChange={setSiteIds}
        error={shown.site_ids}
      />
    </DialogForm>
  );
}
