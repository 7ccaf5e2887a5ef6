import { startForgingProvider } from '../../support/provider.ts';
import { oauthCallback } from '../journeys/oauth-callback.ts';
import { resetPassword } from '../journeys/reset.ts';
import { backupCode, totp } from '../journeys/second-factor.ts';
import { register, verifyEmail } from '../journeys/sign-up.ts';
import { finishMails, mostCopies } from '../kit/mails.ts';
import { withStage } from '../kit/stage.ts';
import { killAtEveryStep, type StepReport } from '../kit/steps.ts';
import { type FaultRow, verdict } from '../row.ts';

/** The short form dies where the outcome is decided: around each commit. */
const COMMITS = /^commit$/;

/** Each journey is all or nothing, can be tried again, and mails a copy too many at most. */
export const row: FaultRow = {
  number: 4,
  name: 'kill -9 at each step of six journeys',
  async run(run) {
    const provider = await startForgingProvider();
    const env = { OIDC_PROVIDERS: JSON.stringify([provider.setting()]) };
    try {
      return await withStage(run, { people: 101, env }, async (stage) => {
        const ground = { stage, standing: stage.balancer };
        const journeys = [
          register,
          verifyEmail,
          resetPassword(),
          totp(),
          backupCode(),
          oauthCallback(provider),
        ];
        const reports: StepReport[] = [];
        for (const journey of journeys) {
          reports.push(
            await killAtEveryStep(run, ground, journey, run.short ? COMMITS : undefined),
          );
        }
        await finishMails(stage);
        const copies = mostCopies(stage);
        const wrong = reports.flatMap((report) => report.wrong);
        const killsOfEach = reports.map(({ name, kills }) => `${name} ${kills}`).join(', ');
        const total = reports.reduce((sum, { kills }) => sum + kills, 0);
        const figure = `${total} kills (${killsOfEach}); copies of one mail: at most ${copies}`;
        return verdict([figure, ...wrong.slice(0, 5)].join('; '), {
          'every journey was cut': reports.every(({ kills }) => kills >= 2),
          'all or nothing, and again': wrong.length === 0,
          'one copy too many at most': copies <= 2,
        });
      });
    } finally {
      await provider.close();
    }
  },
};
