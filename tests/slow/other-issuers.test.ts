import { type OtherIssuer, startOtherIssuer } from '@spinbay/local-oidc/testing-other-issuers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';

/* Issuers that resemble those of Auth0, Amazon Cognito and Microsoft Entra ID, with the portal in a browser. */

const clientId = '2f9c1e70-8a4d-4c55-b6c0-7f3f5be0c1aa';
const email = 'reviewer@demo.test';
let browser: Browser;
let place: Place;
beforeAll(async () => {
  [browser, place] = await Promise.all([openBrowser(), makePlace()]);
});
afterAll(async () => {
  await browser?.close();
  await place?.remove();
});

describe.each(['auth0', 'cognito', 'entra'] as const)('%s', (kind) => {
  let issuer: OtherIssuer;
  let here: Place;
  let installation: Installation;
  let page: Page;
  beforeAll(async () => {
    const portalUrl = `http://127.0.0.1:${place.env.SPINBAY_PORTAL_PORT}`;
    issuer = await startOtherIssuer(kind, { clientId, portalUrl, people: [email] });
    const env = {
      ...place.env,
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_ID: clientId,
      ...(kind === 'cognito' && { OIDC_ENDPOINT_ORIGIN: issuer.tokenOrigin }),
      ...(kind === 'entra' && { OIDC_TRUSTED_EMAIL_DOMAINS: 'demo.test' }),
    };
    here = { ...place, env };
    installation = await start(here);
    page = await (await browser.newContext()).newPage();
  });
  afterAll(async () => {
    await page?.context().close();
    await installation?.stop();
    await issuer?.close();
  });

  const sessions = (shown: Page) => shown.getByRole('heading', { name: 'Sessions', exact: true });

  test('a reviewer signs in at the portal, and in a second tab without a question', async () => {
    await page.goto(installation.endpoints.portal);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByLabel(/e-?mail/i).fill(email);
    await page.getByLabel(/password/i).fill(issuer.password);
    await page.getByRole('button', { name: /sign in/i }).click();
    await sessions(page).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(installation.endpoints.portal);
    await sessions(tab).waitFor();
    await tab.close();
  });

  test('signing out ends the session of the issuer and returns to the portal', async () => {
    await page.getByRole('button', { name: /Rita Reviewer/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
    await page.waitForURL(/\/login\b/);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByLabel(/password/i).waitFor();
  });

  test('doctor accepts the settings, and names a missing host of the endpoints', async () => {
    expect((await spinbay(here, 'doctor')).stdout).toContain(`ok    issuer: ${issuer.url} answers`);
    const without = await spinbay({ ...here, env: { ...here.env, OIDC_ENDPOINT_ORIGIN: '' } }, 'doctor');
    if (kind === 'cognito') expect(without.stdout).toContain(`its token endpoint is at ${issuer.tokenOrigin}`);
    else expect(without.status).toBe(0);
  });
});
