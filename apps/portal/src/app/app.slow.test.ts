import { defaultQcThresholds } from '@spinbay/contracts';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ComponentPages, origin } from '../testing/component-page.ts';

const script = `
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Link, Route, Routes } from 'react-router';
import { CrashBoundary } from './crash-boundary.tsx';

function Broken() {
  throw new Error('broken');
}

if (location.hash === '#crash')
  createRoot(document.getElementById('root')).render(
    <MantineProvider>
      <BrowserRouter>
        <CrashBoundary>
          <Routes>
            <Route path="/" element={<Link to="/broken">Open</Link>} />
            <Route path="/broken" element={<Broken />} />
          </Routes>
        </CrashBoundary>
      </BrowserRouter>
    </MantineProvider>,
  );
else await import('./main.tsx');
`;

let pages: ComponentPages;
beforeAll(async () => {
  pages = await ComponentPages.open(script, import.meta.dirname);
});
afterAll(() => pages?.close());

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const api = `${origin}/api`;
const config = { api_url: api, oidc_issuer: `${origin}/oidc`, oidc_client_id: 'portal', qc: defaultQcThresholds };
const user = { id: id(1), email: 'ada@demo.test', name: 'Ada', role: 'admin', org_id: id(2), org_name: 'Demo' };
const organization = {
  id: id(2),
  name: 'Demo',
  enrolment: 'code',
  keep_gps: false,
  qc_profile: null,
  qc_edge_width_fail: null,
  qc_min_long_side: null,
  created_at: '2026-01-01T00:00:00.000Z',
  sites: [{ id: id(3), name: 'North', created_at: '2026-01-01T00:00:00.000Z' }],
};

interface Request {
  readonly query: URLSearchParams;
  readonly body: unknown;
}
/** The replies of the API, by method and path: a body for 200, or a status with a body. */
type Replies = Record<string, (request: Request) => object | readonly [number, object]>;

const standard: Replies = {
  'GET /organization': () => organization,
  'GET /sites': () => ({ items: organization.sites }),
  'GET /invitations': () => ({ items: [] }),
  'GET /qc/thresholds': () => ({ thresholds: defaultQcThresholds, defaults: defaultQcThresholds }),
  'GET /qc/frames': () => ({ items: [] }),
};

const signedIn = (token: string, forMs = 3_600_000) => ({
  ...{ token, user: { ...user, site_ids: [id(3)] }, id_token: 'id-token', nonce: 'n', organizations: [] },
  until: Date.now() + forMs,
});

async function serve(context: BrowserContext, own: Replies): Promise<void> {
  const replies = { ...standard, ...own };
  await context.route(`${origin}/config.json`, (route) => route.fulfill({ json: config }));
  await context.route(`${api}/**`, (route) => {
    const request = route.request();
    const { pathname, searchParams: query } = new URL(request.url());
    const reply = replies[`${request.method()} ${pathname.slice(4)}`]?.({ query, body: request.postDataJSON() });
    const [status, json] = Array.isArray(reply) ? reply : [reply ? 200 : 404, reply ?? {}];
    return route.fulfill({ status, json });
  });
}

/** The app with an administrator who is signed in. */
async function open(path: string, own: Replies = {}, identity = signedIn('t1')): Promise<Page> {
  return pages.newPage(path, async (context) => {
    await serve(context, own);
    await context.addInitScript((stored) => {
      if (window.opener === null && sessionStorage.length === 0) sessionStorage.setItem('spinbay.identity', stored);
    }, JSON.stringify(identity));
  });
}

it('another page opens after a crash, also with the back button', async () => {
  const page = await pages.newPage('/#crash');
  await page.getByRole('link', { name: 'Open' }).click();
  await page.getByText('Something went wrong on this page').waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'Open' }).waitFor();
  await page.goForward();
  await page.getByText('Something went wrong on this page').waitFor();
  await page.context().close();
});

it.each(['sessionStorage', 'localStorage'])('says what to do if the browser blocks %s', async (storage) => {
  const page = await pages.newPage('/', async (context) => {
    await serve(context, {});
    await context.addInitScript((name) => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError');
      };
      Object.defineProperty(window, name, { get });
    }, storage);
  });
  await page.getByRole('heading', { name: 'This browser stores nothing for this site' }).waitFor();
  await page.getByText('Allow cookies and site data for this address').waitFor();
  await page.context().close();
});

it('rules of a later server have a text in place of the comparison; the smallest photo can still be chosen', async () => {
  const sent: unknown[] = [];
  const page = await open('/admin?tab=quality', {
    'GET /organization': () => ({ ...organization, qc_profile: 'v9' }),
    'PATCH /organization': ({ body }) => {
      sent.push(body);
      return { ...organization, qc_profile: 'v9', ...(body as object) };
    },
  });
  await page.getByText('Frames are judged by newer rules: v9').waitFor();
  await page.getByLabel('Smallest photo').selectOption({ label: '1,920 pixels (Full HD)' });
  await page.getByText('New photos need at least 1,920 pixels on the long side.').waitFor();
  expect(sent).toEqual([{ qc_min_long_side: 1920 }]);
  await page.context().close();
});

it('a sign-in that expires keeps an open form; a sign-in in another tab continues it', async () => {
  const tokens: string[] = [];
  let isValid = false;
  const ownReplies: Replies = {
    'POST /sites': ({ body }) =>
      isValid
        ? [201, { id: id(9), created_at: '2026-01-01T00:00:00.000Z', ...(body as object) }]
        : [401, { type: 'about:blank', title: 'Sign in', status: 401, code: 'unauthenticated' }],
  };
  const page = await open('/admin?tab=sites', ownReplies, signedIn('t1', 240_000));
  page.on('request', (request) => {
    if (request.method() === 'POST') tokens.push(request.headers().authorization ?? '');
  });
  await page.getByRole('button', { name: 'Add a site' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Studio West');
  await page.getByRole('button', { name: 'Add a site' }).last().click();
  const cover = page.getByRole('dialog', { name: 'Your sign-in has expired' });
  await cover.waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await cover.waitFor();

  isValid = true;
  const other = page.context().waitForEvent('page');
  const address = await cover.getByRole('link', { name: 'Sign in in a new tab' }).getAttribute('href');
  // The tab as it is after the provider has sent it back.
  await page.context().addInitScript(
    (identity) => {
      if (window.opener !== null) sessionStorage.setItem('spinbay.identity', identity);
    },
    JSON.stringify(signedIn('t2')),
  );
  await cover.getByRole('link', { name: 'Sign in in a new tab' }).click();
  const tab = await other;
  expect(tab.url()).toBe(`${origin}${address}`);
  await expect.poll(() => tab.isClosed()).toBe(true);
  await cover.waitFor({ state: 'detached' });
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Studio West');
  await page.getByRole('button', { name: 'Add a site' }).last().click();
  await page.getByText('Studio West was added').waitFor();
  expect(tokens).toEqual(['Bearer t1', 'Bearer t2']);
  await page.context().close();
});

const day = (date: string, site: number | null, sessions: number) => ({
  ...{ day: date, site_id: site && id(site), site_name: site && `Site ${site}`, sessions, kept: sessions - 1 },
  ...{ p50_s: 20, p95_s: 30, median_phases: { upload: 5, queue: 1, work: 2 } },
});

it('the promise shows the same days, numbers and sites in every time zone and language of the browser', async () => {
  let answer: () => void = () => undefined;
  const waited = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const page = await open(`/promise?site=${id(3)}&days=7`, {
    'GET /promise': ({ query }) => {
      const site = query.get('site_id') === id(4) ? 4 : 3;
      return { promised_s: 60, slowest: [], days: [day('2026-03-01', site, 12_000)] };
    },
    'GET /sites': () => ({ items: [{ id: id(3), name: 'Site 3' }] }),
  });
  const figures = page.getByTestId('promise');
  await figures.getByText('12,000').first().waitFor();
  // 11,999 of 12,000 sessions must not read as 100 %.
  await figures.getByText('99.9 %').first().waitFor();
  await figures.getByRole('cell', { name: '1 Mar 2026' }).waitFor();

  const gate = `${api}/promise**`;
  await page.context().route(gate, async (route) => {
    await waited;
    await route.fallback();
  });
  await page.evaluate(
    (to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    `/promise?site=${id(4)}&days=7`,
  );
  const site = page.getByLabel('Site');
  await expect
    .poll(() => site.evaluate((field: HTMLSelectElement) => field.selectedOptions[0]?.text))
    .toBe('Another site');
  expect(await page.getByText('Nothing to measure yet').count()).toBe(0);
  answer();
  await figures.getByRole('cell', { name: 'Site 4' }).waitFor();
  await page.context().close();
});
