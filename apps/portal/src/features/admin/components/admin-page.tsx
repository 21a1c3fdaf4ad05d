import { Tabs, Title } from '@mantine/core';
import {
  type Icon,
  IconBuildingWarehouse,
  IconDeviceMobile,
  IconFocusCentered,
  IconHistory,
  IconListCheck,
  IconQrcode,
  IconUsers,
} from '@tabler/icons-react';
import { type ComponentType, useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { type AdminTab, adminTab, adminTabs } from '../admin-tab.ts';
import classes from './admin.module.css';
import { AuditTab } from './audit-tab.tsx';
import { CodesTab } from './codes-tab.tsx';
import { DevicesTab } from './devices-tab.tsx';
import { NoticeProvider } from './notice.tsx';
import { PeopleTab } from './people-tab.tsx';
import { QualityTab } from './quality-tab.tsx';
import { ShotListsTab } from './shot-lists-tab.tsx';
import { SitesTab } from './sites-tab.tsx';

const looks: Record<AdminTab, { icon: Icon; content: ComponentType }> = {
  sites: { icon: IconBuildingWarehouse, content: SitesTab },
  people: { icon: IconUsers, content: PeopleTab },
  devices: { icon: IconDeviceMobile, content: DevicesTab },
  codes: { icon: IconQrcode, content: CodesTab },
  shots: { icon: IconListCheck, content: ShotListsTab },
  quality: { icon: IconFocusCentered, content: QualityTab },
  audit: { icon: IconHistory, content: AuditTab },
};

export default function AdminPage() {
  const [query, setQuery] = useSearchParams();
  const tab = adminTab(query.get('tab'));
  usePageTitle(`${adminTexts.tabs[tab]} · ${adminTexts.title}`);
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another tab is shown
  useEffect(() => {
    // On a phone the last tabs are outside the screen.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab]);
  return (
    <NoticeProvider>
      <Title order={1} size="h2" mb="md">
        {adminTexts.title}
      </Title>
      <Tabs
        value={tab}
        onChange={(chosen) => setQuery({ tab: adminTab(chosen) })}
        // The arrow keys only move the focus. Otherwise each tab that they pass would be loaded and added to the history.
        activateTabWithKeyboard={false}
        keepMounted={false}
        classNames={{ list: classes.tabs ?? '', tab: classes.tab ?? '' }}
      >
        <Tabs.List ref={list} aria-label={adminTexts.title}>
          {adminTabs.map((name) => {
            const { icon: Icon } = looks[name];
            return (
              <Tabs.Tab key={name} value={name} leftSection={<Icon size={18} stroke={1.7} aria-hidden="true" />}>
                {adminTexts.tabs[name]}
              </Tabs.Tab>
            );
          })}
        </Tabs.List>
        {adminTabs.map((name) => {
          const { content: Content } = looks[name];
          return (
            <Tabs.Panel key={name} value={name} pt="lg">
              <Content />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </NoticeProvider>
  );
}
