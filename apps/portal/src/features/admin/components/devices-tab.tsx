import { Button, Group, Text } from '@mantine/core';
import { IconCamera, IconDeviceMobile, IconTerminal2, IconWorld } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { type Device, devicesQuery, organizationQuery, replaceLine, siteNames } from '../api/queries.ts';
import { deviceName } from '../audit-words.ts';
import { formFaults } from '../form-faults.ts';
import classes from './admin.module.css';
import { Ago } from './ago.tsx';
import { BusyButton } from './busy-button.tsx';
import { DeviceForm } from './device-form.tsx';
import { Dialog, FaultAlert } from './dialog.tsx';
import { Loaded } from './loaded.tsx';
import { More } from './more.tsx';
import { useNotice } from './notice.tsx';
import { RecordList } from './record-list.tsx';
import { SiteTags } from './site-tags.tsx';
import { StateCell } from './state-cell.tsx';
import { TabHead } from './tab-head.tsx';

const words = adminTexts.devices;

type Open = { readonly what: 'edit' | 'revoke'; readonly device: Device };

export function DevicesTab() {
  const { client } = useApi();
  const devices = useInfiniteQuery(devicesQuery(client));
  const organization = useQuery(organizationQuery(client));
  const names = siteNames(organization.data);
  const [open, setOpen] = useState<Open | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = () => setOpen(null);
  return (
    <>
      <TabHead lead={words.lead} />
      <Loaded query={devices}>
        {({ pages }) => {
          const lines = pages.flatMap(({ items }) => items);
          if (lines.length === 0) {
            return (
              <PageState
                icon={IconDeviceMobile}
                title={words.emptyTitle}
                body={words.emptyBody}
                action={{ label: words.toCodes, to: '/admin?tab=codes' }}
                level={2}
              />
            );
          }
          return (
            <div ref={list} tabIndex={-1} className={classes.focusable}>
              <RecordList
                label={words.table}
                lines={lines}
                over={({ revoked_at }) => revoked_at !== null}
                columns={[
                  {
                    key: 'device',
                    label: words.columns.device,
                    cell: (device) => <DeviceCell device={device} />,
                  },
                  {
                    key: 'app',
                    label: words.columns.app,
                    cell: ({ platform, app_version }) => words.app(platform, app_version),
                  },
                  {
                    key: 'sites',
                    label: words.columns.sites,
                    cell: ({ site_ids }) => <SiteTags ids={site_ids} names={names} none={words.allSites} />,
                  },
                  {
                    key: 'seen',
                    label: words.columns.seen,
                    cell: ({ last_seen }) => <Ago at={last_seen} />,
                  },
                  {
                    key: 'state',
                    label: words.columns.state,
                    cell: ({ revoked_at }) => (
                      <StateCell
                        endedAt={revoked_at}
                        ended="revoked"
                        words={{ active: words.active, ended: words.revoked }}
                      />
                    ),
                  },
                ]}
                actions={(device) =>
                  device.revoked_at === null && (
                    <>
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={words.editOf(deviceName(device))}
                        disabled={!organization.data}
                        onClick={() => setOpen({ what: 'edit', device })}
                      >
                        {words.edit}
                      </Button>
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={words.revokeOf(deviceName(device))}
                        onClick={() => setOpen({ what: 'revoke', device })}
                      >
                        {words.revoke}
                      </Button>
                    </>
                  )
                }
              />
              <More query={devices} shown={adminTexts.shown(lines.length, pages.at(-1)?.total ?? 0)} />
            </div>
          );
        }}
      </Loaded>
      <Dialog
        opened={open?.what === 'edit'}
        onClose={close}
        title={open?.what === 'edit' ? words.editOf(deviceName(open.device)) : ''}
      >
        {open?.what === 'edit' && organization.data && (
          <DeviceForm device={open.device} sites={organization.data.sites} onDone={close} />
        )}
      </Dialog>
      <Dialog
        opened={open?.what === 'revoke'}
        onClose={close}
        title={open?.what === 'revoke' ? words.revokeTitle(deviceName(open.device)) : ''}
      >
        {open?.what === 'revoke' && (
          <RevokeQuestion
            device={open.device}
            onKeep={close}
            onRevoked={() => {
              close();
              // The button that opened the dialog is gone, so the dialog cannot return the focus to it.
              setTimeout(() => list.current?.focus({ preventScroll: true }), 50);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

interface RevokeQuestionProps {
  readonly device: Device;
  readonly onKeep: () => void;
  readonly onRevoked: () => void;
}

function RevokeQuestion({ device, onKeep, onRevoked }: RevokeQuestionProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const revoke = useMutation({
    mutationFn: async () => (await client.revokeDevice({ params: { device_id: device.id } })).body,
    onSuccess: (revoked) => {
      replaceLine(queries, 'devices', revoked);
      notify({ text: words.nowRevoked(deviceName(revoked)) });
      onRevoked();
    },
  });
  const fault = formFaults(revoke.error, []).form;
  return (
    <>
      {fault !== null && <FaultAlert title={adminTexts.faults.not_done} body={fault} />}
      <Text>{words.revokeBody}</Text>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" data-autofocus onClick={onKeep}>
          {words.keep}
        </Button>
        <BusyButton color="red" busy={revoke.isPending} onClick={() => revoke.mutate()}>
          {words.revokeConfirm}
        </BusyButton>
      </Group>
    </>
  );
}

function DeviceCell({ device }: { device: Device }) {
  const Icon = { cli: IconTerminal2, web: IconWorld, tether: IconCamera }[device.platform] ?? IconDeviceMobile;
  return (
    <div className={classes.person}>
      <span className={classes.deviceIcon} aria-hidden="true">
        <Icon size={20} stroke={1.7} />
      </span>
      <div>
        <span className={classes.nameLine}>{deviceName(device)}</span>
        {device.name !== null && device.name !== device.model && (
          <Text size="sm" c="dimmed" className={classes.breakable}>
            {device.model}
          </Text>
        )}
      </div>
    </div>
  );
}
