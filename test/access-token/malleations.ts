/** The other characters whose bits beyond the last byte differ: the same bytes, another text. */
export function lowBits(part: string, unused: number): readonly string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(part.at(-1) ?? '');
  return Array.from({ length: 2 ** unused - 1 }, (_, index) => {
    const other = alphabet[(last & ~(2 ** unused - 1)) + ((last + 1 + index) % 2 ** unused)];
    return part.slice(0, -1) + other;
  });
}

/** Other texts a lenient decoder takes for this token, and texts that are none (TK-6). */
export function malleations(token: string): Record<string, string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return {
    'padding after the signature': `${token}==`,
    'padding after the header': `${header}=.${payload}.${signature}`,
    'padding after the payload': `${header}.${payload}==.${signature}`,
    'a space before': ` ${token}`,
    'a space after': `${token} `,
    'a newline after': `${token}\n`,
    'a carriage return after': `${token}\r\n`,
    'a NUL after': `${token}\0`,
    'a byte order mark before': `\uFEFF${token}`,
    'spaces in the header': `${header}    .${payload}.${signature}`,
    'spaces in the payload': `${header}.    ${payload}.${signature}`,
    'spaces in the signature': `${header}.${payload}.    ${signature}`,
    'a newline in the payload': `${header}.${payload.slice(0, 9)}\n${payload.slice(9)}.${signature}`,
    'a stray character in the header': `${header.slice(0, -1)}?${header.slice(-1)}.${payload}.${signature}`,
    'a stray character in the payload': `${header}.${payload}?.${signature}`,
    'stray characters before the signature': `${header}.${payload}.?${signature}`,
    'stray characters after the signature': `${header}.${payload}.${signature}#`,
    'an empty signature': `${header}.${payload}.`,
    'no signature': `${header}.${payload}`,
    'an empty payload': `${header}..${signature}`,
    'no payload': `${header}.${signature}`,
    'an empty header': `.${payload}.${signature}`,
    'a fourth, empty part': `${token}.`,
    'a fourth part': `${token}.AAAA`,
    'five parts': `${header}.${payload}.${signature}.AAAA.AAAA`,
    'dots alone': '..',
    'the token twice': `${token}${token}`,
    'a Bearer prefix': `Bearer ${token}`,
    'JSON serialization': JSON.stringify({ protected: header, payload, signature }),
    'flattened JSON with signatures': JSON.stringify({
      payload,
      signatures: [{ protected: header, signature }],
    }),
    'one character more in the signature': `${token}A`,
    'one character less': token.slice(0, -1),
  };
}
