import { afterAll, beforeAll, expect, it } from 'vitest';
import { ComponentPages } from '../../../testing/component-page.ts';

const script = `
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProvider } from '../../../api/api-context.tsx';
import { useErasing } from '../api/use-erasing.ts';
import { DoneNotice } from './done-notice.tsx';
import { VehicleForm } from './vehicle-form.tsx';

function Notices() {
  const [done, setDone] = useState(null);
  const leave = () => setDone(null);
  return (
    <>
      <button type="button" onClick={() => setDone({ text: 'Published', undo: [] })}>Publish</button>
      <DoneNotice done={done} above={false} onUndo={leave} onDismiss={leave} />
    </>
  );
}

window.sent = [];
window.notified = [];
new BroadcastChannel('spinbay.session-changed').addEventListener('message', ({ data }) => window.notified.push(data));
const updateVehicle = async ({ body }) => {
  window.sent.push(body);
  return { body };
};

function Vehicles() {
  const [vin, setVin] = useState(null);
  const session = { id: 's1', vehicle: { id: 'v1', stock: 'A1', vin } };
  window.loadVin = setVin;
  return <VehicleForm session={session} onClose={() => {}} />;
}

let erased = false;
const eraseSession = async () => {
  erased = true;
  return { body: { photos: 24, erase_after: '2026-11-22T12:00:00.000Z' } };
};
const restoreSession = async () => {
  erased = false;
};

window.shown = [];
function Erasing() {
  const { erased: undoable, erase, restore } = useErasing();
  const { error } = useQuery({
    queryKey: ['session', 's1'],
    queryFn: async () => {
      if (erased) throw new Error('session_not_found');
      return 'session';
    },
    retry: false,
  });
  window.shown.push(undoable ? 'deleted' : error ? 'not found' : 'session');
  return (
    <>
      <button type="button" onClick={() => erase.mutate({ what: 'session', session: { id: 's1' } })}>Delete</button>
      {undoable && <button type="button" onClick={() => restore.mutate(undoable)}>Undo</button>}
      {undoable && error && <p>Deleted on the server</p>}
    </>
  );
}

const parts = { erasing: Erasing, notices: Notices, vehicles: Vehicles };
const Part = parts[location.hash.slice(1)];
createRoot(document.getElementById('root')).render(
  <MantineProvider>
    <ApiProvider value={{ client: { eraseSession, restoreSession, updateVehicle } }}>
      <QueryClientProvider client={new QueryClient()}>
        <Part />
      </QueryClientProvider>
    </ApiProvider>
  </MantineProvider>,
);`;

let pages: ComponentPages;

beforeAll(async () => {
  pages = await ComponentPages.open(script, import.meta.dirname);
});
afterAll(() => pages?.close());

const open = (part: 'erasing' | 'notices' | 'vehicles') =>
  pages.newPage(`/#${part}`, (context) => context.clock.install());

it('a notice disappears automatically, also after the mouse was on an earlier one that was dismissed', async () => {
  const page = await open('notices');
  const publish = page.getByRole('button', { name: 'Publish' });
  const notice = page.getByTestId('done');
  await publish.click();
  await notice.waitFor();
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await notice.waitFor({ state: 'detached' });
  await publish.click();
  await notice.waitFor();
  await page.clock.fastForward(8000);
  await expect.poll(() => notice.count()).toBe(0);
  await page.context().close();
});

it('a corrected stock number does not undo a VIN that somebody else has entered in the meantime', async () => {
  const page = await open('vehicles');
  await page.getByLabel('Stock number').fill('B2');
  await page.evaluate(() => (window as unknown as { loadVin(vin: string): void }).loadVin('1HGCM82633A004352'));
  await page.getByRole('button', { name: 'Save' }).click();
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { sent: unknown[] }).sent))
    .toEqual([{ stock: 'B2' }]);
  await page.context().close();
});

it('other tabs are notified that a vehicle was corrected', async () => {
  const page = await open('vehicles');
  await page.getByLabel('Stock number').fill('B2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => page.evaluate(() => (window as unknown as { notified: string[] }).notified)).toEqual(['s1']);
  await page.context().close();
});

it('a restored session is shown only after it was loaded again, never as one that does not exist', async () => {
  const page = await open('erasing');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted on the server').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
  const shown = await page.evaluate(() => (window as unknown as { shown: string[] }).shown);
  expect(shown.slice(shown.indexOf('deleted'))).not.toContain('not found');
  expect(shown.at(-1)).toBe('session');
  await page.context().close();
});
