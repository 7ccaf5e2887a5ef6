import type { ReactNode } from 'react';

/** The pictures, drawn with lines of the text's color. A text beside each says the same. */
const SHAPES = {
  activity: <path d="M3 12h4l3 8 4-16 3 8h4" />,
  alert: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7.5v5M12 16.2v.1" />
    </>
  ),
  back: <path d="m14.5 6-6 6 6 6" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  close: <path d="M6 6l12 12M18 6 6 18" />,
  computer: (
    <>
      <rect x="4" y="4.5" width="16" height="11" rx="1.5" />
      <path d="M2.5 19.5h19" />
    </>
  ),
  copy: (
    <>
      <rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2" />
      <path d="M15.5 8.5V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 2 2h2.5" />
    </>
  ),
  download: <path d="M12 4v11m-4.5-4.500L12 15l4.5-4.500M5 19.500h14" />,
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
      <circle cx="12" cy="12" r="3" />
    </>
  ),
  eyeOff: (
    <>
      <path d="M9.9 5.800A8.6 8.6 0 0 1 12 5.500c6 0 9.5 6.5 9.5 6.500a17 17 0 0 1-2.7 3.500M6.3 7.300A16.4 16.4 0 0 0 2.5 12S6 18.5 12 18.500a9 9 0 0 0 4.8-1.4" />
      <path d="M9.9 9.900a3 3 0 0 0 4.2 4.200M3.5 3.500l17 17" />
    </>
  ),
  key: (
    <>
      <circle cx="8" cy="15.5" r="4.5" />
      <path d="m11.3 12.2 8.2-8.200M16 7.500l3 3M13.5 10l2 2" />
    </>
  ),
  mail: (
    <>
      <rect x="3" y="5" width="18" height="14" rx="2" />
      <path d="m3.5 7 8.5 6 8.5-6" />
    </>
  ),
  passkey: (
    <>
      <circle cx="9.5" cy="7.5" r="3.7" />
      <path d="M3 20v-1.500A5.5 5.5 0 0 1 8.5 13h2c.9 0 1.7.2 2.4.500" />
      <path d="M17.5 14.800V21l1.5-1.5-1.3-1.3 1.3-1.2" />
      <circle cx="17.5" cy="12.2" r="2.6" />
    </>
  ),
  phone: (
    <>
      <rect x="7" y="3" width="10" height="18" rx="2" />
      <path d="M11 18h2" />
    </>
  ),
  program: (
    <>
      <rect x="3.5" y="4.5" width="17" height="15" rx="2" />
      <path d="m7.5 9 3 3-3 3M13 15h3.5" />
    </>
  ),
  shield: <path d="M12 3 5 5.800v5.400c0 4.5 2.9 8 7 9.8 4.1-1.8 7-5.3 7-9.800V5.800L12 3Z" />,
  signOut: (
    <path d="M14 4H6.500A1.5 1.5 0 0 0 5 5.500v13A1.5 1.5 0 0 0 6.5 20H14M10 12h10.500M17 8.500l3.5 3.5-3.5 3.5" />
  ),
  tablet: (
    <>
      <rect x="5" y="3" width="14" height="18" rx="2" />
      <path d="M11 18h2" />
    </>
  ),
  user: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.500a7.5 7.5 0 0 1 15 0" />
    </>
  ),
} satisfies Readonly<Record<string, ReactNode>>;

/** The name of a picture. */
export type IconName = keyof typeof SHAPES;

/** A picture beside a text. Screen readers skip it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="lk-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
