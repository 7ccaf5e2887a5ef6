import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** What packagers call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * CHROMIUM, or the first on the PATH.
 *
 * @throws when there is none
 */
function findChromium(): string {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  const folders = PATH.split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = places.find(isExecutable);
  if (!found) {
    throw new Error(`No ${NAMES.join(', ')} on the PATH: install Chromium, or set CHROMIUM.`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A headless Chromium; a context each is what keeps tests apart. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Its sandbox does not start as root, as in CI; what it opens here is our own.
    args: ['--no-sandbox'],
  });
}
