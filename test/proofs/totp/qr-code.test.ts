import { Resvg } from '@resvg/resvg-js';
import jsqr from 'jsqr';
import { expect, test } from 'vitest';
import { otpauthUri } from '../../../src/proofs/totp/otp.ts';
import { qrCodeUrl } from '../../../src/proofs/totp/qr-code.ts';

/** What a camera would read: rasterized, then decoded by a QR reader. */
async function readByCamera(dataUrl: string): Promise<string | undefined> {
  const [head, body = ''] = dataUrl.split(',');
  expect(head).toBe('data:image/svg+xml;base64');
  const picture = new Resvg(Buffer.from(body, 'base64').toString(), {
    fitTo: { mode: 'width', value: 400 },
  }).render();
  const { default: readQrCode } = jsqr;
  return readQrCode(new Uint8ClampedArray(picture.pixels), picture.width, picture.height)?.data;
}

test.each([
  ['short@e.de', 'Latchkey'],
  [`${'long'.repeat(15)}@${'sub.'.repeat(20)}example.com`, 'Größe & Söhne'],
])('a QR reader reads the key URI of %s', async (email, issuer) => {
  const uri = otpauthUri({ issuer, email, secret: Buffer.from('12345678901234567890') });
  expect(await readByCamera(await qrCodeUrl(uri))).toBe(uri);
});
