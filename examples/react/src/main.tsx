import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { SessionProvider, startSession } from './lib/session.tsx';
import './styles/base.css';
import './styles/layout.css';
import './styles/forms.css';
import './styles/account.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root.');

createRoot(root).render(
  <StrictMode>
    <SessionProvider session={startSession()}>
      <App />
    </SessionProvider>
  </StrictMode>,
);
