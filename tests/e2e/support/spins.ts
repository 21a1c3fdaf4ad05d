import type { Client } from '@spinbay/client';
import type { Image, Session } from '@spinbay/contracts';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { signIn } from './browser.ts';
import type { Installation } from './installation.ts';
import { spinAngles } from './phone.ts';

/** The only session of a stock number. */
export async function sessionOf(client: Client, stock: string): Promise<Session | undefined> {
  const { body } = await client.listSessions({ query: { q: stock } });
  expect(body.items.length).toBeLessThan(2);
  return body.items[0];
}

/** All frames of that session, in the order of their angles. */
export async function framesOf(client: Client, stock: string): Promise<readonly Image[]> {
  const session = await sessionOf(client, stock);
  if (session === undefined) return [];
  return (await client.listImages({ query: { session_id: session.id, superseded: 'true' } })).body?.items ?? [];
}

/** Waits until the session is complete and each angle is there once, from its original. */
export async function expectWholeSpin(client: Client, stock: string): Promise<readonly Image[]> {
  await expect
    .poll(
      async () => {
        const frames = (await framesOf(client, stock)).filter(({ shown_upload }) => shown_upload === 'original');
        return [(await sessionOf(client, stock))?.status, ...frames.map(({ angle_deg }) => angle_deg)];
      },
      { timeout: 180_000 },
    )
    .toEqual(['completed', ...spinAngles]);
  return framesOf(client, stock);
}

export async function openInPortal(page: Page, { endpoints }: Installation, stock: string): Promise<void> {
  await signIn(page, endpoints, 'reviewer@demo.test');
  await page.getByRole('link', { name: new RegExp(stock) }).click();
  await page.getByTestId('frame').first().waitFor();
}

/** Slots of the gallery with the verdict on each badge, `none` where there is no picture with a badge. */
export function badges(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-testid=frame]')].map((tile) => {
        const badge = tile.querySelector<HTMLElement>('[data-testid=qc-badge]');
        const picture = tile.querySelector('img');
        const isSeen = picture?.complete && picture.naturalWidth > 0;
        return [tile.dataset.slot ?? '', (isSeen && badge?.dataset.qc) || 'none'];
      }),
    ),
  );
}

/** How many frames a reviewer sees, each with its picture and its badge. */
export async function countSeen(page: Page): Promise<number> {
  return Object.values(await badges(page)).filter((verdict) => verdict !== 'none').length;
}
