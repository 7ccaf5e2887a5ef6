import type { Locator, Page } from 'playwright-core';

/** No page has more places to stop at. */
const MOST_STOPS = 40;

/**
 * Goes on by Tab until the focus is there, as somebody without a mouse does, and sees it: what has
 * the focus is drawn differently (WCAG 2.4.7).
 *
 * @throws when Tab never leads there, or the focus cannot be seen
 */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  const look = () =>
    target.evaluate((element) => {
      // A field's frame is drawn by what stands around it.
      const drawn = [element, element.parentElement, element.parentElement?.parentElement];
      return drawn.flatMap((one) => {
        if (!one) return [];
        const { outline, boxShadow, borderColor } = getComputedStyle(one);
        return [outline, boxShadow, borderColor];
      });
    });
  if (await isThere()) return;
  const without = String(await look());
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    if (!(await isThere())) continue;
    if (String(await look()) === without) throw new Error(`The focus cannot be seen on ${target}.`);
    return;
  }
  throw new Error(`${MOST_STOPS} times Tab, and never at ${target}.`);
}

/** Goes to a field by Tab, and types. */
export async function typeInto(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label, { exact: true }));
  await page.keyboard.type(text);
}

/** Goes to a button by Tab, and presses it by Enter. */
export async function enterOn(page: Page, button: string): Promise<void> {
  await tabTo(page, page.getByRole('button', { name: button, exact: true }));
  await page.keyboard.press('Enter');
}

/** Goes to a link by Tab, and follows it by Enter. */
export async function enterLink(page: Page, link: string): Promise<void> {
  await tabTo(page, page.getByRole('link', { name: link, exact: true }));
  await page.keyboard.press('Enter');
}
