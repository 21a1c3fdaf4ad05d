import { Anchor, Avatar, Group, Text, UnstyledButton } from '@mantine/core';
import { lookUp } from '@spinbay/contracts';
import { IconDevicesOff, IconLogout } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, NavLink } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { faultWords } from '../api/faults.ts';
import type { Identity } from '../api/identity.ts';
import { signOut } from '../features/sign-in/api/sign-in.ts';
import { ColorSchemeSwitch } from '../ui/color-scheme-switch.tsx';
import { Logo } from '../ui/logo.tsx';
import { Menu } from '../ui/menu.tsx';
import { texts } from '../ui/texts.ts';
import { Invitations } from './invitations.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { OrganizationSwitch } from './organization-switch.tsx';
import classes from './shell.module.css';

/** The header and the content area of every page behind the sign-in. */
export function Shell({ identity, children }: { identity: Identity; children: ReactNode }) {
  const { user } = identity;
  return (
    <>
      <a className={classes.skip} href="#content">
        {texts.skipToContent}
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Anchor component={Link} to="/sessions" className={classes.home} aria-label={texts.header.home}>
            <Logo height={28} />
          </Anchor>
          <nav className={classes.nav} aria-label={texts.nav.label}>
            <NavLink to="/sessions">{texts.nav.sessions}</NavLink>
            <NavLink to="/promise">{texts.nav.promise}</NavLink>
            {user.role === 'admin' && <NavLink to="/admin">{texts.nav.admin}</NavLink>}
          </nav>
          <Group gap="xs" wrap="nowrap">
            <ColorSchemeSwitch />
            <AccountMenu identity={identity} />
          </Group>
        </div>
        <OfflineBanner />
        <Invitations />
      </header>
      <main id="content" tabIndex={-1} className={classes.content}>
        {children}
      </main>
    </>
  );
}

function AccountMenu({ identity }: { identity: Identity }) {
  const { user } = identity;
  const api = useApi();
  const leave = useMutation({ mutationFn: (everywhere: boolean) => signOut(api, { everywhere }) });
  const who = (
    <>
      <Text size="sm" fw={600} truncate>
        {user.name}
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {lookUp<string>(texts.header.roles, user.role, user.role)} · {user.org_name}
      </Text>
    </>
  );
  return (
    <Menu width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <Avatar size={34} radius="xl" name={user.name} color="bay" variant="filled" aria-hidden="true" />
          <span className={classes.who}>{who}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.details}>
          {who}
          <Text size="xs" c="dimmed" truncate>
            {user.email}
          </Text>
        </div>
        <Menu.Divider />
        <OrganizationSwitch identity={identity} />
        <Menu.Item
          leftSection={<IconLogout size={18} aria-hidden="true" />}
          disabled={leave.isPending}
          onClick={() => leave.mutate(false)}
        >
          {texts.header.signOut}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDevicesOff size={18} aria-hidden="true" />}
          keepsOpen
          disabled={leave.isPending}
          onClick={() => leave.mutate(true)}
        >
          {texts.header.signOutEverywhere}
        </Menu.Item>
        {leave.isError && (
          <Text size="sm" c="var(--sb-fail-text)" className={classes.details} role="alert">
            {texts.header.signOutFailed} {faultWords(leave.error).title}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
