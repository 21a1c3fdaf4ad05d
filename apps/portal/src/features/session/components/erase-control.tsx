import { Button, Text } from '@mantine/core';
import type { Session } from '@spinbay/contracts';
import { IconDotsVertical, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useIdentity } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { Menu } from '../../../ui/menu.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { texts } from '../../../ui/texts.ts';
import type { Erasable, Erasing } from '../api/use-erasing.ts';
import { Ask } from './ask.tsx';
import classes from './session-state-control.module.css';

const { erasing: words } = reviewTexts;

/** Deletes the session or its vehicle, after a question that names what is deleted. For administrators. */
export function EraseControl({ session, photos, erasing }: { session: Session; photos: number; erasing: Erasing }) {
  const { client } = useApi();
  const role = useIdentity()?.user.role;
  const [asking, setAsking] = useState<Erasable | null>(null);
  const { erase } = erasing;
  // Until the reply arrives, the question does not say how many sessions there are.
  const sessionCount = useQuery({
    queryKey: ['session-count', session.vehicle.id],
    queryFn: async ({ signal }) => {
      const query = { vehicle_id: session.vehicle.id, limit: 1 };
      return (await client.listSessions({ query }, { signal })).body.total ?? null;
    },
    enabled: asking === 'vehicle',
  }).data;
  if (role !== 'admin') return null;
  const vehicle = vehicleWords(session);
  return (
    <div className={classes.control} data-testid="erase">
      <Menu width={220} align="start">
        <Menu.Target>
          <Button
            variant="default"
            aria-busy={erase.isPending}
            leftSection={<IconDotsVertical size={18} aria-hidden="true" />}
          >
            {words.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['session', 'vehicle'] as const).map((what) => (
            <Menu.Item
              key={what}
              leftSection={<IconTrash size={18} aria-hidden="true" />}
              onClick={() => setAsking(what)}
            >
              {words.open[what]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {erase.isError && (
        <p className={classes.fault} role="alert">
          {words.refused} {faultWords(erase.error).body}
        </p>
      )}
      {asking && (
        <Ask
          title={
            asking === 'session' ? words.ask.session(photos, vehicle) : words.ask.vehicle(vehicle, sessionCount ?? null)
          }
          confirm={words.open[asking]}
          cancel={words.cancel}
          danger
          onConfirm={() => {
            if (!erase.isPending) erase.mutate({ what: asking, session });
          }}
          onClose={() => setAsking(null)}
        >
          <Text size="sm">{words.body}</Text>
          {session.status === 'active' && <Text size="sm">{words.active}</Text>}
        </Ask>
      )}
    </div>
  );
}

export function vehicleWords({ vehicle: { stock, vin } }: Session): string {
  return stock ?? vin ?? texts.sessions.noStock;
}
