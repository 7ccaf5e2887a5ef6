import {
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { SdlOperation } from './operations.ts';

/** What an example says in a field of this name, wherever it stands. */
const VALUES: Readonly<Record<string, unknown>> = {
  email: 'ada@example.com',
  newEmail: 'lovelace@example.com',
  password: 'correct horse battery staple',
  currentPassword: 'correct horse battery staple',
  newPassword: 'horse staple battery correct',
  name: 'Ada',
  code: '12345678',
  token: 'the token of the link',
  refreshToken: 'lkr_…',
  challengeToken: 'the challengeToken of MfaRequired',
  flowToken: 'the flowToken of OAuthStarted',
  deviceToken: 'the deviceToken of an earlier SignedIn',
  callbackUrl: 'https://app.example.com/oauth/callback/google?code=…&state=…',
  redirectUri: 'https://app.example.com/oauth/callback/google',
  provider: 'google',
  sessionId: '0199a0a0-0000-7000-8000-000000000001',
  identityId: '0199a0a0-0000-7000-8000-000000000002',
  first: 20,
  freshLogin: false,
};

/** Where one name means two things. */
const VALUES_OF_TYPE: Readonly<Record<string, unknown>> = {
  'ConfirmTotpInput.code': '123456',
  'VerifyMfaInput.method': 'TOTP',
  'VerifyMfaInput.code': '123456',
  'ReauthenticationCodeInput.method': 'TOTP',
  'ReauthenticationCodeInput.code': '123456',
};

/** Variables of an operation, as a document shows them. Optional arguments are left out. */
export function exampleVariables(operation: SdlOperation): Readonly<Record<string, unknown>> {
  const args = operation.field.args.filter(
    (arg) => isNonNullType(arg.type) || isInputObjectType(getNamedType(arg.type)),
  );
  return Object.fromEntries(args.map((arg) => [arg.name, exampleOf(arg.name, arg.type)]));
}

function exampleOf(name: string, given: GraphQLInputType): unknown {
  const type = getNullableType(given);
  if (isListType(type)) return [exampleOf(name, type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return VALUES[name] ?? `the ${name}`;
  const fields = Object.values(type.getFields());
  const shown = type.isOneOf ? fields.slice(0, 1) : fields;
  return Object.fromEntries(
    shown.map((field) => [
      field.name,
      VALUES_OF_TYPE[`${type.name}.${field.name}`] ?? exampleOf(field.name, field.type),
    ]),
  );
}
