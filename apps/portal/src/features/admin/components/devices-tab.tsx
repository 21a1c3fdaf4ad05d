import { Button, Group, Text } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
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
import { platformIcon } from './platform-icon.ts';
import { RecordList } from './record-list.tsx';
import { SiteTags } from './site-tags.tsx';
import { StateCell } from './state-cell.tsx';
import { TabHead } from './tab-head.tsx';

const words = adminTexts.devices;

type Open = { readonly what: 'edit' | 'revoke' | 'block'; readonly device: Device };

export function DevicesTab() {
  const { client } = useApi();
  const devices = useInfiniteQuery(devicesQuery(client));
  const organization = useQuery(organizationQuery(client));
  const names = siteNames(organization.data);
  const [open, setOpen] = useState<Open | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = () => setOpen(null);
  const unblock = useUnblock();
  const question = open === null || open.what === 'edit' ? null : questionOf(open.what, open.device);
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
                    cell: (device) => <DeviceCell device={device} times={timesEnrolled(device, lines)} />,
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
                    cell: ({ revoked_at, blocked_at }) => (
                      <StateCell
                        endedAt={blocked_at ?? revoked_at}
                        ended={blocked_at === null ? 'revoked' : 'blocked'}
                        words={{ active: words.active, ended: blocked_at === null ? words.revoked : words.blocked }}
                      />
                    ),
                  },
                ]}
                actions={(device) => (
                  <>
                    {device.revoked_at === null && (
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
                    )}
                    {device.installation !== null && device.blocked_at === null && (
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={words.blockOf(deviceName(device))}
                        onClick={() => setOpen({ what: 'block', device })}
                      >
                        {words.block}
                      </Button>
                    )}
                    {device.blocked_at !== null && (
                      <BusyButton
                        size="xs"
                        variant="default"
                        aria-label={words.unblockOf(deviceName(device))}
                        busy={unblock.isPending && unblock.variables.id === device.id}
                        onClick={() => unblock.mutate(device)}
                      >
                        {words.unblock}
                      </BusyButton>
                    )}
                  </>
                )}
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
      <Dialog opened={question !== null} onClose={close} title={question?.title ?? ''}>
        {question !== null && (
          <ConfirmQuestion
            {...question}
            onKeep={close}
            onDone={() => {
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

/** How many devices of this installation are in the list. */
function timesEnrolled({ installation }: Device, lines: readonly Device[]): number {
  return installation === null ? 1 : lines.filter((line) => line.installation === installation).length;
}

function useUnblock() {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  return useMutation({
    mutationFn: async ({ id }: Device) => (await client.unblockDevice({ params: { device_id: id } })).body,
    onSuccess: async (device) => {
      // All devices of its installation have changed.
      await queries.invalidateQueries({ queryKey: devicesQuery(client).queryKey });
      notify({ text: words.nowUnblocked(deviceName(device)) });
    },
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
  });
}

interface Question {
  readonly device: Device;
  readonly what: 'revoke' | 'block';
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
}

function questionOf(what: Question['what'], device: Device): Question {
  const name = deviceName(device);
  return what === 'revoke'
    ? { what, device, title: words.revokeTitle(name), body: words.revokeBody, confirm: words.revokeConfirm }
    : { what, device, title: words.blockTitle(name), body: words.blockBody, confirm: words.blockConfirm };
}

function ConfirmQuestion({
  device,
  what,
  body,
  confirm,
  onKeep,
  onDone,
}: Question & { readonly onKeep: () => void; readonly onDone: () => void }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const change = useMutation({
    mutationFn: async () => {
      const request = { params: { device_id: device.id } };
      return (await (what === 'revoke' ? client.revokeDevice(request) : client.blockDevice(request))).body;
    },
    onSuccess: async (changed) => {
      replaceLine(queries, 'devices', changed);
      if (what === 'block') await queries.invalidateQueries({ queryKey: devicesQuery(client).queryKey });
      notify({ text: (what === 'revoke' ? words.nowRevoked : words.nowBlocked)(deviceName(changed)) });
      onDone();
    },
  });
  const fault = formFaults(change.error, []).form;
  return (
    <>
      {fault !== null && <FaultAlert title={adminTexts.faults.not_done} body={fault} />}
      <Text>{body}</Text>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" data-autofocus onClick={onKeep}>
          {words.keep}
        </Button>
        <BusyButton color="red" busy={change.isPending} onClick={() => change.mutate()}>
          {confirm}
        </BusyButton>
      </Group>
    </>
  );
}

function DeviceCell({ device, times }: { device: Device; times: number }) {
  const Icon = platformIcon(device.platform);
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
        {times > 1 && (
          <Text size="sm" c="dimmed">
            {words.again(times)}
          </Text>
        )}
      </div>
    </div>
  );
}
