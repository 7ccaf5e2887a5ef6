import { type CommandTerminal, command, type Report } from './command.ts';
import { checkDatabase } from './doctor/database.ts';
import type { Finding, Level } from './doctor/finding.ts';
import { checkMail } from './doctor/mail.ts';
import { checkProxies, checkSecretFiles, checkSettings, checkWarnings } from './doctor/settings.ts';
import { terminalLog } from './terminal-log.ts';

export const doctorCommand = command({
  name: 'doctor',
  summary: 'check everything that a deployment needs, and say what is wrong and how to repair it',
  details:
    'Run it with the settings and the database role of the server. It checks settings, files with secrets, proxies, the mail server (it logs in and sends nothing), and the database: encryption of the connection, encoding, writes, pooler, migrations, privileges, partitions of the audit log, clocks and signing keys. It changes nothing and shows no secret.',
  parameters: {},
  exitCodes: { 0: 'nothing is wrong; there may be warnings', 1: 'something is wrong' },
  run: (_, terminal) => examine(terminal, Date.now),
});

/** Runs every check. @param now this machine's time */
export async function examine(terminal: CommandTerminal, now: () => number): Promise<Report> {
  const { config, findings } = checkSettings(terminal.config);
  const environment = terminal.environment();
  if (!config) return report(findings, ['The other checks need valid settings and were skipped.']);
  const [mail, database] = await Promise.all([
    checkMail(config),
    checkDatabase({ config, now, log: terminalLog(terminal) }),
  ]);
  return report([
    ...findings,
    ...checkWarnings(environment),
    ...checkSecretFiles(environment, config),
    ...checkProxies(config),
    ...mail,
    ...database,
  ]);
}

function report(findings: readonly Finding[], notes: readonly string[] = []): Report {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const width = Math.max(...findings.map(({ check }) => check.length));
  return {
    rows: findings,
    lines: findings.map(
      ({ check, level, sentence }) => `${level.padEnd(5)}  ${check.padEnd(width)}  ${sentence}`,
    ),
    notes: [...notes, `${count('wrong')} wrong, ${count('warn')} warnings, ${count('ok')} ok.`],
    exitCode: count('wrong') > 0 ? 1 : 0,
  };
}
