import { match } from '@latchkey/client';
import { completeOAuth } from '@latchkey/client/operations';
import { useEffect, useRef, useState } from 'react';
import { useLatchkey, useSession } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { takeFlowToken } from '../lib/oauth.ts';
import { type Problem, useProblems } from '../lib/problem.ts';
import { rememberReturn } from '../lib/return-to.ts';
import { usePageOutcomes } from '../lib/sign-in-state.tsx';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { Alert } from '../ui/alert.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { ProviderButtons } from '../ui/provider-buttons.tsx';

/** The page that providers send the browser back to, also with an error. */
export function OAuthCallback() {
  return (
    <Anybody>
      <Completion />
    </Anybody>
  );
}

function Completion() {
  const act = useAct();
  const outcomes = usePageOutcomes();
  const showMessage = useFlash();
  const { messages, paths } = useLatchkey();
  const { oauth } = messages;
  const { navigate } = useNavigation();
  const { problemOf, problemOfFault } = useProblems();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isCancelled, setCancelled] = useState(false);
  const [isAddressMissing, setAddressMissing] = useState(false);
  const hasBegun = useRef(false);

  useEffect(() => {
    // A flow works once, and React's strict mode runs effects twice.
    if (hasBegun.current) return;
    hasBegun.current = true;
    const [callbackUrl = ''] = location.href.split('#');
    history.replaceState(history.state, '', location.pathname);
    const complete = async (): Promise<Problem | null> => {
      const flowToken = takeFlowToken();
      if (flowToken === null) return { summary: oauth.noFlow, fields: {} };
      return match(await act(completeOAuth, { input: { flowToken, callbackUrl } }), {
        ...outcomes,
        IdentityLinked: ({ identity }) => {
          navigate(paths.account, { replace: true });
          showMessage(oauth.linked(identity.provider.name));
          return null;
        },
        AccountLinkRequiredError: ({ provider }) => {
          rememberReturn(paths.account);
          return { summary: oauth.linkFirst(provider), fields: {} };
        },
        OAuthCancelledError: () => {
          setCancelled(true);
          return null;
        },
        OAuthFailedError: (refusal) => {
          if (refusal.reason === null) return problemOf(refusal);
          setAddressMissing(true);
          return null;
        },
        Error: (refusal) => problemOf(refusal),
      });
    };
    complete().catch(problemOfFault).then(setProblem);
  }, [act, outcomes, showMessage, navigate, oauth, paths, problemOf, problemOfFault]);

  if (isCancelled) return <Cancelled />;
  if (isAddressMissing) return <AddressMissing />;
  if (!problem) {
    return (
      <Page title={oauth.title}>
        <Loading what={oauth.wait} />
      </Page>
    );
  }
  return (
    <Page title={oauth.failedTitle}>
      <Alert problem={problem} />
      <Link to={paths.signIn} className="lk-button lk-primary">
        <span>{oauth.goOn}</span>
      </Link>
    </Page>
  );
}

/**
 * Nobody has an account with this account at the provider yet, and the provider proves no address for a new one.
 * The page says how the person can still sign in with it from then on.
 */
function AddressMissing() {
  const { messages, paths } = useLatchkey();
  const { oauth } = messages;
  const name = useProviderName();
  return (
    <Page title={oauth.addressMissingTitle} lead={oauth.addressMissingLead(name)}>
      <Link to={paths.signUp} className="lk-button lk-primary">
        <span>{oauth.withAddress}</span>
      </Link>
      <Link to={paths.signIn} className="lk-button lk-plain">
        <span>{oauth.haveAccount}</span>
      </Link>
    </Page>
  );
}

/** The name of the provider that this page belongs to: its id is the last part of the path. */
function useProviderName(): string {
  const { oauth } = useLatchkey().messages;
  const id = useNavigation().place.pathname.split('/').at(-1);
  const settings = useAuthSettings();
  return settings?.oauthProviders.find((one) => one.id === id)?.name ?? oauth.theProvider;
}

/**
 * Nothing went wrong: the person came back from the provider without signing in, and can use every other way.
 */
function Cancelled() {
  const { messages, paths } = useLatchkey();
  const { oauth, common } = messages;
  const isSignedIn = useSession().status === 'signed-in';
  const name = useProviderName();
  if (isSignedIn) {
    return (
      <Page title={oauth.notConnectedTitle} lead={oauth.notConnectedLead(name)}>
        <Link to={paths.account} className="lk-button lk-primary">
          <span>{common.backToAccount}</span>
        </Link>
      </Page>
    );
  }
  return (
    <Page title={oauth.cancelledTitle} lead={oauth.cancelledLead(name)}>
      <Link to={paths.signIn} className="lk-button lk-primary">
        <span>{oauth.withPassword}</span>
      </Link>
      <ProviderButtons />
    </Page>
  );
}
