import type { BrowserContext, Page } from 'playwright-core';
import type { Keeping } from './client-entry.ts';
import type { Account } from './people.ts';

/** One browser of one person, with tabs of the client library alone. */
export type TabbedBrowser = {
  open(): Promise<Page>;
  /** How many exchanges of a refresh token left the browser. */
  refreshes(): number;
};

export function tabsOf(
  context: BrowserContext,
  where: { readonly page: string; readonly endpoint: string; readonly keeping: Keeping },
): TabbedBrowser {
  const { page: url, endpoint, keeping } = where;
  let refreshes = 0;
  context.on('request', (request) => {
    if (request.method() === 'POST' && request.postData()?.includes('mutation Refresh(')) {
      refreshes += 1;
    }
  });
  return {
    refreshes: () => refreshes,
    open: async () => {
      const page = await context.newPage();
      await page.goto(url);
      await page.evaluate(([to, keep]) => openTab(to, keep), [endpoint, keeping] as const);
      return page;
    },
  };
}

/** Two tabs: one is signed in, and the other has been notified. */
export async function twoSignedIn(
  browser: TabbedBrowser,
  account: Account,
): Promise<readonly [Page, Page]> {
  const [one, other] = [await browser.open(), await browser.open()] as const;
  await one.evaluate((person) => tab.signIn(person), account);
  await hasStatus(other, 'signed-in');
  return [one, other];
}

/** Waits for what a tab shows its person. */
export async function hasStatus(page: Page, wanted: 'signed-in' | 'signed-out'): Promise<void> {
  await page.waitForFunction((status) => tab.session.state().status === status, wanted, {
    timeout: 10_000,
  });
}
