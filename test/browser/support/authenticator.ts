import jsqr from 'jsqr';
import type { Page } from 'playwright-core';
import { totpCode } from '../../support/second-factor.ts';
import { until } from '../../support/until.ts';

const { default: readQrCode } = jsqr;

/** Scans the picture on the screen, as the camera of a phone does. @returns the secret in it */
export async function scan(page: Page): Promise<string> {
  const picture = page.getByRole('img', { name: 'QR code for your authenticator app' });
  await picture.waitFor();
  const { pixels, width, height } = await picture.evaluate(async (element) => {
    const image = element as HTMLImageElement;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0, image.width, image.height);
    const drawn = context?.getImageData(0, 0, image.width, image.height);
    return { pixels: [...(drawn?.data ?? [])], width: image.width, height: image.height };
  });
  const read = readQrCode(Uint8ClampedArray.from(pixels), width, height)?.data ?? '';
  const { protocol, searchParams } = new URL(read);
  if (protocol !== 'otpauth:') throw new Error(`The picture says ${read}.`);
  return searchParams.get('secret') ?? '';
}

const STEP = 30_000;

/** What the app shows. The server takes each step once (TO-3), and one ahead of its clock. */
export function createAuthenticator(secret: string): { code(): Promise<string> } {
  let last = 0;
  return {
    code: async () => {
      const now = () => Math.floor(Date.now() / STEP);
      last = await until(() => [now(), now() + 1].find((step) => step > last), STEP + 1_000);
      return totpCode(secret, new Date(last * STEP));
    },
  };
}
