import { chromiumOptions } from '@spinbay/runtime/testing';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { actionTimeoutMs } from './action-timeout.ts';
import type { Installation } from './installation.ts';

/** The Chromium that the test runner found, with a longer time limit for actions. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch(chromiumOptions);
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(actionTimeoutMs);
    return context;
  };
  return browser;
}

/** Signs a demo user in through the portal and the provider's page. */
export async function signIn(page: Page, { portal, demo }: Installation['endpoints'], email: string): Promise<void> {
  const user = demo.users.find((candidate) => candidate.email === email);
  if (user === undefined) throw new Error(`${email} is not a demo user`);
  await page.goto(portal);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByLabel(/e-?mail/i).fill(user.email);
  await page.getByLabel(/password/i).fill(user.password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByRole('heading', { name: 'Sessions', exact: true }).waitFor();
}

/** Waits for the end of animations: in the middle of a fade the colours differ, and a click misses its target. */
export async function whenStill(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const isMoving = ({ playState, effect }: Animation) =>
      playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    return !document.getAnimations().some(isMoving);
  });
}

/** Violations of WCAG 2.2 AA and of best practices that axe finds, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await whenStill(page);
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(options: unknown): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return (await axe.run({ runOnly: { type: 'tag', values: tags } })).violations;
  });
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.html).join(' ')})`);
}
