import { LOGIN, REGISTER, VERIFY_EMAIL } from '../../support/journeys.ts';
import type { ReadMail, TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { REQUEST_RESET, RESEND, typeOf } from '../account-care.ts';

/** What the person chose, and what the attacker did. */
export const OWN = 'the owner thought of this one';
export const THEIRS = 'the attacker thought of this one';

/** A browser: its source, and what it stores. */
export type Browser = { readonly source: string; token?: string | undefined; session?: string };

type Proof = { readonly link: ReadMail } | { readonly code: ReadMail | string };

let addresses = 0;
let sources = 0;

/** Somebody with a source of their own. */
export function browser(): Browser {
  sources += 1;
  return { source: `10.${sources >> 8}.${sources & 255}.1` };
}

/** One address, its browsers and its mailbox. */
export function createWorld(server: TestServer, tick: () => void) {
  addresses += 1;
  const email = `someone-${addresses}@example.com`;
  const ask = async (by: Browser, document: string, input: object) => {
    tick();
    const options = { address: by.source, token: by.session };
    return await server.graphql(document, { input }, options);
  };
  const inbox = () => server.mails.filter(({ to }) => to === email);
  const read = (mail: (typeof server.mails)[number]): ReadMail => ({
    ...mail,
    code: /\b(\d{4}) ?(\d{4})\b/.exec(mail.text)?.slice(1).join('') ?? '',
    token: /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? '',
  });
  return {
    email,
    /** The person, another device of the person, and the attacker. */
    ...{ own: browser(), other: browser(), attacker: browser() },
    inbox,
    async register(by: Browser, password: string) {
      const registrationToken = by.token;
      const { data } = await ask(by, REGISTER, { email, password, registrationToken });
      by.token = data.register.registrationToken ?? by.token;
      by.session = data.register.accessToken ?? by.session;
      return data.register;
    },
    async resend(by: Browser) {
      return (await ask(by, RESEND, { email, registrationToken: by.token })).data;
    },
    async askForReset(by: Browser) {
      return (await ask(by, REQUEST_RESET, { email })).data;
    },
    /** The mail of this number, once it has arrived: 1 is the oldest. */
    async mail(number: number): Promise<ReadMail> {
      return read(await until(() => inbox().at(number - 1)));
    },
    /** Brings a proof back, from this browser. */
    async open(by: Browser, proof: Proof, password?: string): Promise<string> {
      const code = 'code' in proof && typeof proof.code !== 'string' ? proof.code.code : null;
      const input =
        'link' in proof
          ? { token: proof.link.token }
          : { code: { email, code: code ?? String('code' in proof && proof.code) } };
      const registrationToken = by.token;
      return typeOf(await ask(by, VERIFY_EMAIL, { proof: input, registrationToken, password }));
    },
    async login(by: Browser, password: string): Promise<string> {
      return typeOf(await ask(by, LOGIN, { email, password, registrationToken: by.token }));
    },
    /** Signs in to an account whose address is not proven, and keeps the token of the answer. */
    async signInUnproven(by: Browser, password: string): Promise<string> {
      const { data } = await ask(by, LOGIN, { email, password });
      by.token = data.login.registrationToken;
      return data.login.__typename;
    },
    /** Whose password signs in, from a browser without any token. */
    async passwords(): Promise<string> {
      const opens = [];
      for (const [who, password] of [
        ['own', OWN],
        ['theirs', THEIRS],
      ] as const) {
        const input = { email, password };
        if (typeOf(await ask(browser(), LOGIN, input)) === 'SignedIn') opens.push(who);
      }
      return opens.join(' and ') || 'nobody’s';
    },
  };
}

/** The world of a scenario. */
export type World = ReturnType<typeof createWorld>;
