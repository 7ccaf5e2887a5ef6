import { Script } from 'node:vm';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { oauthCallbackPage } from '../../../dev/pages/oauth-page.ts';
import { OAUTH_CALLBACK_SCRIPT } from '../../../dev/pages/oauth-script.ts';
import { publicSchema } from '../../support/schema.ts';
import { until } from '../../support/until.ts';
import { FakeElement } from './fake-element.ts';

/** Returns from the provider in the tab that started the flow, and gets this response. */
async function comeBack(result: object): Promise<FakeElement> {
  const [, data = ''] = /id="data">(.*?)</s.exec(await oauthCallbackPage().text()) ?? [];
  const { document } = JSON.parse(data);
  expect(validate(publicSchema(), parse(document))).toEqual([]);
  const status = new FakeElement();
  const source = Object.assign(new FakeElement(), { textContent: data });
  new Script(OAUTH_CALLBACK_SCRIPT).runInNewContext({
    document: {
      getElementById: () => source,
      querySelector: () => status,
      createElement: () => new FakeElement(),
    },
    location: { href: 'http://localhost:4000/oauth/callback?code=c&state=s', pathname: '/' },
    history: { replaceState: () => undefined },
    sessionStorage: {
      getItem: () => JSON.stringify({ flowToken: 'f-1', accessToken: '' }),
      removeItem: () => undefined,
      setItem: () => undefined,
    },
    fetch: async () => ({ json: async () => ({ data: { completeOAuth: result } }) }),
  });
  return await until(() => status.children.length > 0 && status);
}

test('the page shows the challenge token for verifyMfa', async () => {
  const status = await comeBack({ __typename: 'MfaRequired', challengeToken: 'c-1' });
  expect(status.className).toBe('good');
  expect(status.text).toContain('send verifyMfa with the challenge token');
  expect(status.text).toContain('c-1');
});

test('the page shows why completeOAuth failed', async () => {
  const status = await comeBack({ __typename: 'OAuthFailedError', message: 'It was refused.' });
  expect(status.className).toBe('bad');
  expect(status.text).toBe('It was refused.');
});
