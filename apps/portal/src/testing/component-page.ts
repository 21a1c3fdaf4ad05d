import { chromiumOptions } from '@spinbay/runtime/testing';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const origin = 'http://localhost';

/** Components of the portal in a real browser, without a server. */
export class ComponentPages {
  readonly #browser: Browser;
  readonly #script: string;
  readonly #style: string;

  private constructor(browser: Browser, script: string, style: string) {
    this.#browser = browser;
    this.#script = script;
    this.#style = style;
  }

  /**
   * @param script TSX that renders into `#root`
   * @param folder what its imports are relative to
   */
  static async open(script: string, folder: string): Promise<ComponentPages> {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: folder, loader: 'tsx' },
      bundle: true,
      format: 'esm',
      jsx: 'automatic',
      outdir: '.',
      write: false,
    });
    const file = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return new ComponentPages(await chromium.launch(chromiumOptions), file('.js'), file('.css'));
  }

  /**
   * @param path path, query and hash of the page
   * @param prepare runs before the page opens
   */
  async newPage(path: string, prepare: (context: BrowserContext) => Promise<void> = async () => {}): Promise<Page> {
    const context = await this.#browser.newContext({ locale: 'en-US', timezoneId: 'Pacific/Auckland' });
    await context.route(`${origin}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/a.js') return route.fulfill({ contentType: 'text/javascript', body: this.#script });
      if (pathname === '/a.css') return route.fulfill({ contentType: 'text/css', body: this.#style });
      const head = '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/a.css">';
      const body = '<div id="root"></div><script type="module" src="/a.js"></script>';
      return route.fulfill({ contentType: 'text/html', body: `<!doctype html>${head}${body}` });
    });
    await prepare(context);
    const page = await context.newPage();
    await page.goto(`${origin}${path}`);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
