import { type GraphQLSchema, getNamedType, isObjectType, isUnionType } from 'graphql';
import { exampleVariables } from './examples.ts';
import { operationsOf, type SdlOperation } from './operations.ts';
import { isError, membersOf } from './selection.ts';

/** docs/api.md: every operation, an example of it, and what it can come to. */
export function apiDocument(schema: GraphQLSchema): string {
  const operations = operationsOf(schema);
  const of = (kind: SdlOperation['kind']) => operations.filter((one) => one.kind === kind);
  return [
    '<!-- Generated from the schema by `npm run api-doc`. Do not edit. -->',
    '# The API',
    INTRODUCTION,
    '## Queries',
    ...of('query').map(section),
    '## Mutations',
    ...of('mutation').map(section),
    '',
  ].join('\n\n');
}

const INTRODUCTION = `Every mutation answers with a union. Branch on \`__typename\`: what a person can meet on a good day
or a bad one is a member of it. Only faults (a bug, the database away) are top-level errors, with
\`extensions.code\` and \`extensions.requestId\`.

The examples select all there is; ask for less. What takes arguments or more rights than the object
it is part of has an example of its own. A test sends each of them to a real server.
\`@latchkey/client/operations\` has the same ones, typed.`;

function section(operation: SdlOperation): string {
  const variables = exampleVariables(operation);
  const hasVariables = Object.keys(variables).length > 0;
  return [
    `### ${operation.name}`,
    operation.field.description ?? '',
    ...notes(operation),
    fenced('graphql', operation.document),
    ...(hasVariables ? [fenced('json', JSON.stringify(variables, null, 2))] : []),
    ...outcomes(operation),
  ].join('\n\n');
}

function notes({ field }: SdlOperation): readonly string[] {
  const members = unionMembers(field.type).map(({ name }) => name);
  if (members.includes('StepUpRequiredError')) {
    return ['Needs an access token, and a recent authentication (`reauthenticate`).'];
  }
  return members.includes('NotAuthenticatedError') ? ['Needs an access token.'] : [];
}

function outcomes({ field }: SdlOperation): readonly string[] {
  const members = unionMembers(field.type);
  if (members.length === 0) return [];
  const rows = members.map((member) => {
    const own = isObjectType(member) ? Object.keys(member.getFields()) : [];
    const extra = isError(member) ? own.filter((name) => name !== 'message') : [];
    const mark = extra.length > 0 ? ` (${extra.map((name) => `\`${name}\``).join(', ')})` : '';
    return `| \`${member.name}\`${mark} | ${cell(member.description)} |`;
  });
  return [['| outcome | means |', '|---|---|', ...rows].join('\n')];
}

function unionMembers(type: SdlOperation['field']['type']) {
  const named = getNamedType(type);
  return isUnionType(named) ? membersOf(named) : [];
}

function cell(text: string | null | undefined): string {
  return (text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
