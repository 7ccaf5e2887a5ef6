import { NotFound, RequireAuth, useNavigation, useViewer } from '@latchkey/react';

/** A page of the app itself: who is signed in, as every other page of an app would read it. */
export function Home() {
  const { place } = useNavigation();
  if (place.pathname !== '/') return <NotFound />;
  return (
    <RequireAuth>
      <Greeting />
    </RequireAuth>
  );
}

function Greeting() {
  const { viewer } = useViewer();
  return (
    <main id="main" className="home" tabIndex={-1}>
      <h1>Hello{viewer?.user.name && `, ${viewer.user.name}`}</h1>
      <p>This page reads the signed-in person with useViewer():</p>
      <pre>{JSON.stringify(viewer, null, 2)}</pre>
    </main>
  );
}
