import { type Command, EXIT_CODES } from './command.ts';
import { capitalized, exitCodesOf, parametersOf, synopsis } from './help.ts';

/** docs/operating/commands.md, written from the table of commands. */
export function commandsDocument(commands: readonly Command[]): string {
  const destructive = commands.filter(({ isDestructive }) => isDestructive);
  return `${[
    '# Commands',
    '',
    '<!-- Written by npm run commands-doc from the table in src/cli.ts. -->',
    '',
    INTRODUCTION,
    '## For programs',
    '',
    FOR_PROGRAMS,
    table(['exit code', 'meaning'], Object.entries(EXIT_CODES)),
    '',
    '## Commands that take something away',
    '',
    `${listOf(destructive)} ${GUARD}`,
    '## Who did it',
    '',
    ACTOR,
    '## All commands',
    '',
    ...commands.flatMap(section),
  ].join('\n')}`;
}

const INTRODUCTION = `\`npm run latchkey -- <command>\` in a checkout, \`node dist/cli.mjs <command>\` of a build and in the image. A
command reads the same settings as the server. \`latchkey help\` shows them all, \`--help\` after a command
everything about one, and the beginning of a command (\`latchkey accounts\`) those that begin so.
`;

const FOR_PROGRAMS = `With \`--json\` standard output is JSON alone: one line for each row. Whatever is meant for people goes to
standard error. Moments are ISO 8601 texts in UTC. The exit code says how it ended:
`;

const GUARD = `first count what they take away. With \`--dry-run\` they say it and change nothing. If the
database has accounts, they go on only after the number they show was typed, or with \`--yes\`, which scripts
need. NODE_ENV makes no difference: the machine of whoever runs a command often has none. Without a terminal
and without \`--yes\` nothing is changed and the exit code is 4.

What is done already is a success: \`accounts disable\` of a disabled account says so, changes nothing and
writes nothing into the audit log (\`"changed": false\`).
`;

const ACTOR = `What a command changes leaves a row in the audit log with the name of whoever ran it, as
\`detail.operator\`: LATCHKEY_ACTOR, or else SUDO_USER, USER, or the name of the account. Set LATCHKEY_ACTOR where
several people share an account, as in a job that a person starts. The name is a claim: whoever has the password
of the database could write any.
`;

function section(command: Command): readonly string[] {
  return [
    `### ${command.name}`,
    '',
    `    latchkey ${synopsis(command)}`,
    '',
    `${capitalized(command.summary)}.${command.details === undefined ? '' : ` ${command.details}`}`,
    '',
    ...own(command),
  ];
}

/** What every command has is said once. */
function own(command: Command): readonly string[] {
  const names = new Set(Object.keys(command.parameters));
  const parameters = parametersOf(command).slice(0, names.size);
  const codes = exitCodesOf(command).filter(([code]) => command.exitCodes?.[code] !== undefined);
  return [
    ...(parameters.length === 0 ? [] : [table(['parameter', 'meaning'], parameters), '']),
    ...(codes.length === 0
      ? []
      : [codes.map(([code, meaning]) => `Exit code ${code}: ${meaning}.`).join(' '), '']),
  ];
}

function listOf(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => `\`${name}\``);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function table(
  head: readonly [string, string],
  rows: readonly (readonly [string, string])[],
): string {
  return [head, ['---', '---'], ...rows]
    .map(([left = '', right = '']) => `| ${cell(left)} | ${cell(right)} |`)
    .join('\n');
}

function cell(text: string): string {
  return /^[-<]+[^-]/.test(text) ? `\`${text}\`` : text.replaceAll('|', '\\|');
}
