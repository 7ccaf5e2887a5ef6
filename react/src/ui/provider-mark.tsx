import type { OAuthProvider } from '@latchkey/client/operations';
import type { ReactNode } from 'react';

/** The marks that providers ask to be shown on their buttons, by brand. */
const MARKS: Readonly<Record<string, ReactNode>> = {
  GOOGLE: (
    <>
      <path
        fill="#4285f4"
        d="M23.5 12.3c0-.8-.1-1.6-.2-2.300H12v4.500h6.500a5.5 5.5 0 0 1-2.4 3.600v3h3.900c2.2-2.1 3.5-5.1 3.5-8.800Z"
      />
      <path
        fill="#34a853"
        d="M12 24c3.2 0 6-1.1 8-2.900l-3.9-3c-1.1.7-2.5 1.2-4.1 1.2-3.1 0-5.8-2.1-6.7-5H1.300v3.100A12 12 0 0 0 12 24Z"
      />
      <path
        fill="#fbbc05"
        d="M5.3 14.300a7.2 7.2 0 0 1 0-4.600V6.600h-4a12 12 0 0 0 0 10.800l4-3.100Z"
      />
      <path
        fill="#ea4335"
        d="M12 4.700c1.8 0 3.3.6 4.6 1.800L20 3.100A12 12 0 0 0 1.3 6.600l4 3.100c.9-2.9 3.6-5 6.7-5Z"
      />
    </>
  ),
  MICROSOFT: (
    <>
      <path fill="#f25022" d="M1 1h10.500v10.500H1z" />
      <path fill="#7fba00" d="M12.5 1H23v10.500H12.500z" />
      <path fill="#00a4ef" d="M1 12.500h10.500V23H1z" />
      <path fill="#ffb900" d="M12.5 12.500H23V23H12.500z" />
    </>
  ),
  GITHUB: (
    <path
      fill="currentColor"
      d="M12 .5a12 12 0 0 0-3.8 23.400c.6.1.8-.3.8-.6v-2.100c-3.3.7-4-1.6-4-1.6-.6-1.4-1.4-1.8-1.4-1.8-1.1-.7.1-.7.1-.7 1.2.1 1.9 1.2 1.9 1.2 1.1 1.9 2.9 1.3 3.5 1 .1-.8.4-1.3.8-1.6-2.7-.3-5.5-1.3-5.5-5.9 0-1.3.5-2.4 1.2-3.2 0-.4-.5-1.6.2-3.2 0 0 1-.3 3.3 1.200a11.5 11.5 0 0 1 6 0c2.3-1.5 3.3-1.2 3.3-1.2.7 1.6.2 2.8.1 3.2.8.8 1.2 1.9 1.2 3.2 0 4.6-2.8 5.6-5.5 5.9.4.4.8 1.1.8 2.200v3.300c0 .3.2.7.8.6A12 12 0 0 0 12 .5Z"
    />
  ),
  X: (
    <path
      fill="currentColor"
      d="M18.2 2.300h3.400l-7.4 8.400L22.9 22h-6.800l-5.3-7-6.1 7H1.300l7.9-9L.9 2.300h7l4.8 6.3 5.5-6.300Zm-1.2 17.700h1.900L6.9 4.200h-2L17 20Z"
    />
  ),
};

/** The mark of a provider's brand; its first letter if the brand has none here. */
export function ProviderMark({
  provider: { id, name },
}: {
  readonly provider: Pick<OAuthProvider, 'id' | 'name'>;
}) {
  // The id is the only hint at the brand that the server gives.
  const brand = id.toUpperCase();
  const mark = Object.hasOwn(MARKS, brand) ? MARKS[brand] : undefined;
  if (!mark) {
    return (
      <span className="lk-mark lk-letter" aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
    );
  }
  return (
    <svg className="lk-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {mark}
    </svg>
  );
}
