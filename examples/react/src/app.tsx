import { Guard } from './guard.tsx';
import { EntranceProvider } from './lib/enter.tsx';
import { usePath } from './lib/router.tsx';
import { routeOf } from './routes.ts';
import { FlashProvider } from './ui/flash.tsx';
import { Shell } from './ui/shell.tsx';
import { StepUpProvider } from './ui/step-up.tsx';

/** The whole app: the session, the latest message, and the page for the current address. */
export function App() {
  const path = usePath();
  const { page: CurrentPage, access } = routeOf(path);
  return (
    <FlashProvider>
      <EntranceProvider>
        <StepUpProvider>
          <Shell>
            <Guard key={path} path={path} access={access}>
              <CurrentPage />
            </Guard>
          </Shell>
        </StepUpProvider>
      </EntranceProvider>
    </FlashProvider>
  );
}
