import { Radio, Stack, Text, TextInput } from '@mantine/core';
import { Email, PersonName, UserRole } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { texts } from '../../../ui/texts.ts';
import { invalidateAudit, type Organization, type Person, replaceLine } from '../api/queries.ts';
import { changedFields } from '../changed-fields.ts';
import { textFault } from '../form-faults.ts';
import { useFormFaults } from '../use-form-faults.ts';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { useNotice } from './notice.tsx';
import { SitePicker } from './site-picker.tsx';

const words = adminTexts.people;
const fields = ['name', 'email', 'role', 'site_ids'] as const;

interface PersonFormProps {
  /** Null: add a new person. */
  readonly person: Person | null;
  readonly sites: Organization['sites'];
  readonly onDone: () => void;
}

export function PersonForm({ person, sites, onDone }: PersonFormProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const [name, setName] = useState(person?.name ?? '');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<UserRole>(person?.role ?? 'operator');
  const [siteIds, setSiteIds] = useState([...(person?.site_ids ?? [])]);
  const save = useMutation({
    mutationFn: async () => {
      const typed = { name: name.trim(), role, site_ids: siteIds };
      if (person) {
        const { name, role, site_ids } = person;
        const body = changedFields({ name, role, site_ids: [...site_ids] }, typed);
        if (Object.keys(body).length === 0) return;
        replaceLine(queries, 'people', (await client.updateUser({ params: { user_id: person.id }, body })).body);
        notify({ text: words.saved(typed.name) });
      } else {
        await client.createUser({ body: { ...typed, email } });
        invalidateAudit(queries);
        await queries.invalidateQueries({ queryKey: ['admin', 'people'] });
        notify({ text: words.added(typed.name) });
      }
    },
    onSuccess: onDone,
  });
  const { faults, check } = useFormFaults(save.error, fields);
  const shown = faults.fields;
  const submit = () => {
    const nameFault = textFault(name, PersonName, adminTexts.faults.text);
    const emailFault = person ? null : textFault(email, Email, adminTexts.faults.email);
    const found = { ...(nameFault !== null && { name: nameFault }), ...(emailFault !== null && { email: emailFault }) };
    if (check(found)) save.mutate();
  };
  return (
    <DialogForm
      faults={faults}
      submit={person ? adminTexts.save : words.add}
      busy={save.isPending}
      onSubmit={submit}
      onCancel={onDone}
    >
      <NameField label={words.name} error={shown.name} value={name} onChange={setName} />
      {person ? (
        <div>
          <Text size="sm" fw={500}>
            {words.email}
          </Text>
          <Text size="sm" c="dimmed">
            {person.email}
          </Text>
        </div>
      ) : (
        <TextInput
          type="email"
          label={words.email}
          description={words.emailHint}
          error={shown.email}
          value={email}
          maxLength={254}
          autoComplete="off"
          onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        />
      )}
      <Radio.Group
        label={words.role}
        error={shown.role}
        value={role}
        onChange={(value) => setRole(UserRole.parse(value))}
      >
        <Stack gap="xs" mt={6} mb={4}>
          {UserRole.options.map((option) => (
            <Radio
              key={option}
              value={option}
              label={texts.header.roles[option]}
              description={words.roleHints[option]}
            />
          ))}
        </Stack>
      </Radio.Group>
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
