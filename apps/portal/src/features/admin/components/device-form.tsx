import { DeviceName } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { type Device, type Organization, replaceLine } from '../api/queries.ts';
import { deviceName } from '../audit-words.ts';
import { changedFields } from '../changed-fields.ts';
import { textFault } from '../form-faults.ts';
import { useFormFaults } from '../use-form-faults.ts';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { useNotice } from './notice.tsx';
import { SitePicker } from './site-picker.tsx';

const words = adminTexts.devices;
const fields = ['name', 'site_ids'] as const;

interface DeviceFormProps {
  readonly device: Device;
  readonly sites: Organization['sites'];
  readonly onDone: () => void;
}

export function DeviceForm({ device, sites, onDone }: DeviceFormProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const [name, setName] = useState(deviceName(device));
  const [siteIds, setSiteIds] = useState([...device.site_ids]);
  const save = useMutation({
    mutationFn: async () => {
      const wanted = name.trim();
      // A device without a name shows its model, which must not become its name if nobody edits the field.
      const opened = { name: deviceName(device), site_ids: [...device.site_ids] };
      const body = changedFields(opened, { name: wanted, site_ids: siteIds });
      if (Object.keys(body).length === 0) return;
      replaceLine(queries, 'devices', (await client.updateDevice({ params: { device_id: device.id }, body })).body);
      notify({ text: words.saved(wanted) });
    },
    onSuccess: onDone,
  });
  const { faults, check } = useFormFaults(save.error, fields);
  const shown = faults.fields;
  const submit = () => {
    const fault = textFault(name, DeviceName, adminTexts.faults.text);
    if (check(fault === null ? {} : { name: fault })) save.mutate();
  };
  return (
    <DialogForm faults={faults} submit={adminTexts.save} busy={save.isPending} onSubmit={submit} onCancel={onDone}>
      <NameField label={words.name} hint={words.nameHint} error={shown.name} value={name} onChange={setName} />
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
