import { Checkbox, Input, Text, TextInput } from '@mantine/core';
import type { SiteId } from '@spinbay/contracts';
import { IconSearch } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Organization } from '../api/queries.ts';
import classes from './admin.module.css';

/** With more sites than this there is a search field. */
const findAbove = 8;

interface SitePickerProps {
  readonly label: string;
  readonly hint: string;
  readonly sites: Organization['sites'];
  readonly chosen: readonly SiteId[];
  readonly onChange: (chosen: SiteId[]) => void;
  readonly error?: string | undefined;
}

export function SitePicker({ label, hint, sites, chosen, onChange, error }: SitePickerProps) {
  const [wanted, setWanted] = useState('');
  const ids = { hint: useId(), error: useId() };
  const found = sites.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const toggle = (id: SiteId, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <fieldset className={classes.picker} aria-describedby={error === undefined ? ids.hint : `${ids.error} ${ids.hint}`}>
      <legend className={classes.legend}>{label}</legend>
      <Text size="xs" c="dimmed" id={ids.hint} mb={6}>
        {hint}
      </Text>
      {sites.length > findAbove && (
        <TextInput
          aria-label={adminTexts.sitePicker.find}
          placeholder={adminTexts.sitePicker.find}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          value={wanted}
          onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          mb="xs"
        />
      )}
      <div className={classes.pickerList}>
        {found.map(({ id, name }) => (
          <Checkbox
            key={id}
            label={name}
            classNames={{ label: classes.breakable ?? '' }}
            checked={chosen.includes(id)}
            onChange={({ currentTarget }) => toggle(id, currentTarget.checked)}
          />
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" role="status">
            {sites.length === 0 ? adminTexts.sitePicker.none : adminTexts.sitePicker.noMatch}
          </Text>
        )}
      </div>
      {sites.length > findAbove && (
        <Text size="xs" c="dimmed" mt={4} role="status">
          {adminTexts.sitePicker.chosen(chosen.length)}
        </Text>
      )}
      {error !== undefined && (
        <Input.Error id={ids.error} mt={4}>
          {error}
        </Input.Error>
      )}
    </fieldset>
  );
}
