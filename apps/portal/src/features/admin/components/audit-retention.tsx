import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { type Organization, organizationQuery } from '../api/queries.ts';
import { useOrganizationChange } from './use-organization-change.ts';

const words = adminTexts.audit.retention;
const choices = [30, 90, 365, 730, 3650];

/** How long the audit log is kept. */
export function AuditRetention() {
  const { client } = useApi();
  const { data: organization } = useQuery(organizationQuery(client));
  return organization?.audit_days === undefined ? null : <Choice organization={organization} />;
}

function Choice({ organization }: { organization: Organization }) {
  const { shown, change } = useOrganizationChange(organization, ({ audit_days = null }, before) => ({
    text: words.changed(audit_days),
    back: { audit_days: before.audit_days ?? null },
  }));
  const days = shown.audit_days ?? null;
  const known = days === null || choices.includes(days) ? choices : [...choices, days].sort((a, b) => a - b);
  return (
    <NativeSelect
      label={words.label}
      description={words.hint}
      mb="md"
      maw="24rem"
      value={days ?? ''}
      onChange={({ currentTarget: { value } }) => change({ audit_days: value === '' ? null : Number(value) })}
    >
      <option value="">{words.standard}</option>
      {known.map((choice) => (
        <option key={choice} value={choice}>
          {words.days(choice)}
        </option>
      ))}
    </NativeSelect>
  );
}
