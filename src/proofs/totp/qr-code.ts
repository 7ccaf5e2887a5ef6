/**
 * A QR code as an SVG data URL: it scales, and needs no second request that could be logged.
 * What draws it is loaded with the first that is asked for (ADR-0022).
 */
export async function qrCodeUrl(text: string): Promise<string> {
  // Of a CommonJS package a bundle knows the default alone.
  const { default: qrcode } = await import('qrcode');
  const svg = await qrcode.toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
