import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN, REFRESH } from '../../support/journeys.ts';
import { type Balancer, kindOf, openBalancer } from '../kit/balancer.ts';
import { checkLedger, describeFindings, isClean } from '../kit/check.ts';
import { anyAddress } from '../kit/device.ts';
import { openLedger } from '../kit/ledger.ts';
import { signInDevices } from '../kit/load.ts';
import { withStage } from '../kit/stage.ts';
import { answer, challenge, enrollTotp } from '../kit/totp.ts';
import { type FaultRow, verdict } from '../row.ts';

/** Wrong passwords of one account that are verified before it has to wait (RL-2). */
const TRIES = 10;
const GUESSES = 60;

/** A and B know nothing of each other: what is decided once is decided in the database. */
export const row: FaultRow = {
  number: 18,
  name: 'two instances: rotation, limits and codes raced across them',
  run: (run) => {
    const trials = run.short ? 10 : 100;
    const people = trials + 40;
    return withStage(run, { servers: 2, people }, async (stage) => {
      const ledger = openLedger();
      const client = { balancer: stage.balancer, ledger };
      const doors = stage.servers.map(({ url }) => openBalancer([url]));
      const [a, b] = doors;
      if (!a || !b) throw new TypeError('There are not two servers.');
      try {
        const devices = await signInDevices(client, trials);
        let forks = 0;
        let refused = 0;
        for (const device of devices) {
          const input = { refreshToken: device.refreshToken };
          const answers = await Promise.all(
            [a, b, a, b, a, b].map((door) => door.call(REFRESH, { input }, { from: device.from })),
          );
          const tokens = new Set(answers.map(({ value }) => value?.refreshToken));
          if (tokens.size > 1) forks += 1;
          refused += answers.filter((one) => kindOf(one) !== 'SignedIn').length;
          device.refreshToken = answers[0]?.value?.refreshToken;
        }
        const verified = await guesses(a, b, emailOf(trials + 1));
        const persons = Array.from(
          { length: run.short ? 5 : 30 },
          (_, index) => trials + 2 + index,
        );
        const wins: number[] = [];
        for (const person of persons) wins.push(await spendCode(a, b, person));
        const found = await checkLedger(ledger, stage);
        return verdict(
          `${devices.length} rotations by both at once: ${forks} forked, ${refused} refused; ` +
            `${verified} of ${GUESSES} guesses verified (${TRIES} may be); one code at both: ` +
            `${wins.filter((won) => won === 1).length} of ${wins.length} won once; ${describeFindings(found)}`,
          {
            'one successor': forks === 0 && refused === 0,
            'one budget': verified <= TRIES,
            'somebody was verified': verified > 0,
            'a code once': wins.every((won) => won === 1),
            ledger: isClean(found),
          },
        );
      } finally {
        for (const door of doors) door.close();
      }
    });
  },
};

/** Guesses from everywhere, at both. How many passwords were looked at. */
async function guesses(a: Balancer, b: Balancer, email: string): Promise<number> {
  const input = { email, password: `${PASSWORD}, not` };
  const answers = await Promise.all(
    Array.from({ length: GUESSES }, (_, index) =>
      (index % 2 === 0 ? a : b).once(LOGIN, { input }, { from: anyAddress() }),
    ),
  );
  return answers.filter((one) => kindOf(one) === 'InvalidCredentialsError').length;
}

/** One code, at both, for challenges of their own. How often it opened a session. */
async function spendCode(a: Balancer, b: Balancer, person: number): Promise<number> {
  const enrolled = await enrollTotp(a, person);
  const doors = [a, b, a, b];
  const tokens: string[] = [];
  for (const door of doors) tokens.push(await challenge(door, enrolled));
  const kinds = await Promise.all(
    doors.map((door, index) =>
      answer(door, enrolled, { challengeToken: tokens[index] ?? '', step: 0 }),
    ),
  );
  return kinds.filter((kind) => kind === 'SignedIn').length;
}
