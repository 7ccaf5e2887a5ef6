/**
 * A QR code as an SVG data URL: it scales, and needs no second request that could be logged. The library is
 * loaded when the first code is drawn (ADR-0022).
 */
export async function qrCodeUrl(text: string): Promise<string> {
  // In a bundle, only the default export of a CommonJS package is available.
  const { default: qrcode } = await import('qrcode');
  const svg = await qrcode.toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
