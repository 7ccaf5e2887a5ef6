import {
  Frame,
  LatchkeyPages,
  LatchkeyProvider,
  Link,
  UserButton,
  useSession,
} from '@latchkey/react';
import { Home } from './home.tsx';

const NAME = 'Latchkey';
const appearance = {
  name: NAME,
  logo: <img src="/key.svg" alt={NAME} width="40" height="40" />,
};
/** True if the server runs with REFRESH_COOKIE=true. */
const isCookieMode = import.meta.env.VITE_REFRESH_COOKIE === 'true';

/** Every page of the package at its address, and one of our own at every other. */
export function App() {
  return (
    <LatchkeyProvider
      endpoint="/graphql"
      storage={isCookieMode ? 'cookie' : 'localStorage'}
      appearance={appearance}
    >
      <Window />
    </LatchkeyProvider>
  );
}

function Window() {
  const isSignedIn = useSession().status === 'signed-in';
  return (
    <Frame header={isSignedIn && <Header />}>
      <LatchkeyPages fallback={<Home />} />
    </Frame>
  );
}

function Header() {
  return (
    <>
      <Link to="/" className="brand">
        <img src="/key.svg" alt="" width="24" height="24" />
        {NAME}
      </Link>
      <UserButton />
    </>
  );
}
