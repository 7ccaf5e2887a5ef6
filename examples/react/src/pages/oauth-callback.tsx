import { match } from '@latchkey/client';
import { useEffect, useRef, useState } from 'react';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { useEnter } from '../lib/enter.tsx';
import { takeFlowToken } from '../lib/oauth.ts';
import { type Problem, problemOf, problemOfFault } from '../lib/problem.ts';
import { rememberReturn } from '../lib/return-to.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useSessionState } from '../lib/session.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { ProviderButtons } from '../ui/provider-buttons.tsx';

const CompleteOAuth = graphql(`
  mutation CompleteOAuth($input: CompleteOAuthInput!) {
    completeOAuth(input: $input) {
      __typename
      ...Tokens
      ...Challenge
      ...Waiting
      ... on IdentityLinked {
        identity { id provider { id name } }
        viewer { user { id } }
      }
      ... on AccountLinkRequiredError { provider }
      ...Refusal
    }
  }
`);

const NO_FLOW: Problem = {
  summary: 'This browser did not start a sign-in there, or it is already completed.',
  fields: {},
};

/** The page that providers send the browser back to, also with an error. */
export function OAuthCallback() {
  const act = useAct();
  const enter = useEnter();
  const showMessage = useFlash();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isCancelled, setIsCancelled] = useState(false);
  const begun = useRef(false);

  useEffect(() => {
    // A flow works once, and React's strict mode runs effects twice.
    if (begun.current) return;
    begun.current = true;
    const [callbackUrl = ''] = location.href.split('#');
    history.replaceState(null, '', location.pathname);
    const complete = async (): Promise<Problem | null> => {
      const flowToken = takeFlowToken();
      if (flowToken === null) return NO_FLOW;
      return match(await act(CompleteOAuth, { input: { flowToken, callbackUrl } }), {
        ...enter,
        IdentityLinked: ({ identity }) => {
          navigate('/account', { replace: true });
          showMessage(`${identity.provider.name} is connected. You can sign in with it.`);
          return null;
        },
        AccountLinkRequiredError: ({ provider }) => {
          rememberReturn('/account');
          return {
            summary: `You already have an account with this email address. Sign in as before, then connect ${provider} on your account page.`,
            fields: {},
          };
        },
        OAuthCancelledError: () => {
          setIsCancelled(true);
          return null;
        },
        Error: (refusal) => problemOf(refusal),
      });
    };
    complete().catch(problemOfFault).then(setProblem);
  }, [act, enter, showMessage]);

  if (isCancelled) return <Cancelled />;
  if (!problem) {
    return (
      <Page title="Signing you in">
        <Loading what="One moment" />
      </Page>
    );
  }
  return (
    <Page title="Something went wrong">
      <div role="alert" className="problem">
        <p>{problem.summary}</p>
      </div>
      <p className="links">
        <Link to="/">Go on</Link>
      </p>
    </Page>
  );
}

/**
 * Nothing went wrong: the person came back from the provider without signing in, and can use every other way.
 */
function Cancelled() {
  const settings = useAuthSettings();
  const isSignedIn = useSessionState().status === 'signed-in';
  const id = location.pathname.split('/').at(-1);
  const name = settings?.oauthProviders.find((one) => one.id === id)?.name ?? 'the provider';
  if (isSignedIn) {
    return (
      <Page title="Nothing was connected" lead={`You canceled connecting ${name}.`}>
        <p className="links">
          <Link to="/account">Back to your account</Link>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Sign in another way" lead={`You canceled signing in with ${name}.`}>
      <p className="links">
        <Link to="/sign-in">Sign in with your password</Link>
      </p>
      <ProviderButtons />
    </Page>
  );
}
