import { toString as render } from 'qrcode';

/** A QR code as an SVG data URL: it scales, and needs no second request that could be logged. */
export async function qrCodeUrl(text: string): Promise<string> {
  const svg = await render(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
