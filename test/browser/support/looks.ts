import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const WIDTHS = [1280, 360] as const;
const SCHEMES = ['light', 'dark'] as const;
const GRAVE: readonly unknown[] = ['serious', 'critical'];

/**
 * Looks at a page wide and narrow, light and dark: axe's serious and critical findings, and whether
 * it scrolls sideways. With SCREENSHOTS=folder it keeps a picture of each.
 *
 * @returns what is wrong, a line each
 */
export async function look(page: Page, name: string): Promise<readonly string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const where = `${name}-${width}-${colorScheme}`;
      for (const problem of await problemsOf(page)) found.push(`${where}: ${problem}`);
      await keepPicture(page, where);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  return found;
}

/** The page's own policy forbids foreign scripts: axe comes in by the debugger's door. */
async function problemsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { overflow, violations } = await page.evaluate(async () => {
    const root = document.documentElement;
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const results = await inPage.run();
    return { overflow: root.scrollWidth - root.clientWidth, violations: results.violations };
  });
  const grave = violations
    .filter(({ impact }) => GRAVE.includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  return overflow > 0 ? [...grave, `scrolls sideways by ${overflow} px`] : grave;
}

async function keepPicture(page: Page, name: string): Promise<void> {
  const { SCREENSHOTS } = process.env;
  if (!SCREENSHOTS) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
