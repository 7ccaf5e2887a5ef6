import { parse, visit } from 'graphql';
import { expect, test } from 'vitest';
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { publicSchema } from '../support/schema.ts';

/** SE-6: what must not be done from a session that was left open. A change here is a decision. */
const SENSITIVE = [
  'changePassword',
  'completePasskeyEnrollment',
  'confirmEmailMfa',
  'confirmTotp',
  'deleteAccount',
  'disableEmailMfa',
  'disablePasskeyMfa',
  'disableTotp',
  'enableEmailMfa',
  'enablePasskeyMfa',
  'enableTotp',
  'regenerateBackupCodes',
  'removePasskey',
  'requestEmailChange',
  'startPasskeyEnrollment',
  'unlinkIdentity',
];

/** Open to anybody. It requires a recent authentication from a signed-in person, because it then links a provider. */
const WHEN_SIGNED_IN = 'startOAuth';

test('SE-6: exactly these fields require a recent authentication, and the SDL says so', () => {
  const marked: string[] = [];
  visit(parse(printApi()), {
    FieldDefinition: ({ name, directives }) => {
      if (directives?.some((directive) => directive.name.value === 'requiresStepUp')) {
        marked.push(name.value);
      }
    },
  });
  expect(marked.sort()).toEqual(SENSITIVE);
});

test('SE-6: each of them can answer StepUpRequiredError, and nothing else but the way to link can', () => {
  const fields = Object.values(publicSchema().getMutationType()?.getFields() ?? {});
  const able = fields.filter((field) => {
    const union = publicSchema().getType(String(field.type).replace('!', ''));
    return union && 'getTypes' in union
      ? union.getTypes().some(({ name }) => name === 'StepUpRequiredError')
      : false;
  });
  expect(able.map(({ name }) => name).sort()).toEqual([...SENSITIVE, WHEN_SIGNED_IN].sort());
});
