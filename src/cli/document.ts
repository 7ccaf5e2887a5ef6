import { type Command, EXIT_CODES } from './command.ts';
import { capitalized, exitCodesOf, parametersOf, synopsis } from './help.ts';

/** The text of docs/operating/commands.md, generated from the table of commands. */
export function commandsDocument(commands: readonly Command[]): string {
  const destructive = commands.filter(({ isDestructive }) => isDestructive);
  return `${[
    '# Commands',
    '',
    '<!-- Written by npm run commands-doc from the table in src/cli.ts. -->',
    '',
    INTRODUCTION,
    '## Machine-readable output',
    '',
    FOR_PROGRAMS,
    table(['exit code', 'meaning'], Object.entries(EXIT_CODES)),
    '',
    '## Destructive commands',
    '',
    `${listOf(destructive)} ${GUARD}`,
    '## Attribution in the audit log',
    '',
    ACTOR,
    '## All commands',
    '',
    ...commands.flatMap(section),
  ].join('\n')}`;
}

const INTRODUCTION = `\`npm run --silent latchkey -- <command>\` in a checkout, \`node dist/cli.mjs <command>\` of a build and in the
image. Without \`--silent\`, npm writes a banner to standard output. A command reads the same settings as the server.
\`latchkey help\` lists all commands, \`--help\` after a command describes that command, and the first word of a command
(\`latchkey accounts\`) lists the commands that begin with it.
`;

const FOR_PROGRAMS = `With \`--json\`, standard output holds one line of JSON for each row and nothing else. Messages for people go to
standard error. Times are ISO 8601 in UTC. The exit code says how the command ended:
`;

const GUARD = `first count the rows that they would remove. With \`--dry-run\` they show the count and change nothing. If the
database has accounts, they continue only after you type the number they show, or with \`--yes\`, which scripts
need. NODE_ENV makes no difference, because an operator's machine often does not set it. Without a terminal and
without \`--yes\`, nothing is changed and the exit code is 4.

A command that finds nothing to do succeeds: \`accounts disable\` of a disabled account says so, changes nothing and
writes nothing to the audit log (\`"changed": false\`).
`;

const ACTOR = `Every change by a command is a row in the audit log, with the name of the person who ran the command as
\`detail.operator\`: LATCHKEY_ACTOR, or else SUDO_USER, USER, or the name of the operating system's account. Set
LATCHKEY_ACTOR where several people share an account, for example in a CI job. The name is a claim, not a proof:
anyone with the database's password could write any name.
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

/** The command's own parameters and exit codes, without those of every command. */
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
