import type { Erasure, Session } from '@spinbay/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { notifyOtherTabs } from './other-tabs.ts';

export type Erasable = 'session' | 'vehicle';

/** What was deleted here, as long as it can be restored. */
export interface Erased extends Erasure {
  readonly what: Erasable;
  readonly session: Session;
}

/** Deletes a session or its vehicle, and restores it. */
export function useErasing() {
  const { client } = useApi();
  const queries = useQueryClient();
  const [erased, setErased] = useState<Erased | null>(null);
  const refresh = (session: Session): Promise<unknown> => {
    notifyOtherTabs(session.id);
    const keys = [['session', session.id], ['images', session.id], ['sessions']];
    return Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  const erase = useMutation({
    mutationFn: async ({ what, session }: { what: Erasable; session: Session }) => {
      // The dialog has already named what is deleted.
      const query = { confirm: 'true' };
      const { body } =
        what === 'session'
          ? await client.eraseSession({ params: { session_id: session.id }, query })
          : await client.eraseVehicle({ params: { vehicle_id: session.vehicle.id }, query });
      return { ...body, what, session };
    },
    onSuccess: (done) => {
      setErased(done);
      void refresh(done.session);
    },
  });
  const restore = useMutation({
    mutationFn: async ({ what, session }: Erased) => {
      if (what === 'session') await client.restoreSession({ params: { session_id: session.id } });
      else await client.restoreVehicle({ params: { vehicle_id: session.vehicle.id } });
    },
    onSuccess: async (_, { session }) => {
      // Until it is loaded again, the cache says that the session does not exist.
      await refresh(session);
      setErased(null);
    },
  });
  return { erased, erase, restore };
}

export type Erasing = ReturnType<typeof useErasing>;
