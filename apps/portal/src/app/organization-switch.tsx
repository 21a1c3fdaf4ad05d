import { Text } from '@mantine/core';
import { IconBuildingStore } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { faultWords } from '../api/faults.ts';
import type { Identity } from '../api/identity.ts';
import { switchOrganization } from '../features/sign-in/api/sign-in.ts';
import { Menu } from '../ui/menu.tsx';
import { texts } from '../ui/texts.ts';
import classes from './shell.module.css';

/** Part of the account menu: the other organizations of the signed-in person. */
export function OrganizationSwitch({ identity }: { identity: Identity }) {
  const api = useApi();
  const others = identity.organizations.filter(({ org_id }) => org_id !== identity.user.org_id);
  const change = useMutation({ mutationFn: (orgId: string) => switchOrganization(api, orgId) });
  if (others.length === 0) return null;
  return (
    <>
      <Text size="xs" c="dimmed" className={classes.details} id="organizations">
        {texts.header.switchTo}
      </Text>
      {/* biome-ignore lint/a11y/useSemanticElements: a menu may contain groups, but no fieldsets */}
      <div className={classes.others} role="group" aria-labelledby="organizations">
        {others.map(({ org_id, name }) => (
          <Menu.Item
            key={org_id}
            leftSection={<IconBuildingStore size={18} aria-hidden="true" />}
            keepsOpen
            // Stays busy after success, because the browser is navigating to the provider.
            disabled={change.isPending || change.isSuccess}
            onClick={() => change.mutate(org_id)}
          >
            <span className={classes.other}>{name}</span>
          </Menu.Item>
        ))}
      </div>
      {change.isError && (
        <Text size="sm" c="var(--sb-fail-text)" className={classes.details} role="alert">
          {texts.header.switchFailed} {faultWords(change.error).title}
        </Text>
      )}
      <Menu.Divider />
    </>
  );
}
