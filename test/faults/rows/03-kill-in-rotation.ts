import { rotation } from '../journeys/rotation.ts';
import { withStage } from '../kit/stage.ts';
import { killAtEveryStep } from '../kit/steps.ts';
import { type FaultRow, verdict } from '../row.ts';

/** Before and after each statement of a refresh; the wire is where it dies. */
export const row: FaultRow = {
  number: 3,
  name: 'kill -9 at each step of a rotation',
  run: (run) =>
    withStage(run, { people: 1 }, async (stage) => {
      const ground = { stage, standing: stage.balancer };
      stage.reroute();
      const { kills, wrong } = await killAtEveryStep(run, ground, rotation());
      const figure = `${kills} kills, ${kills - wrong.length} of them went on with one successor`;
      return verdict([figure, ...wrong.slice(0, 3)].join('; '), {
        'it was cut at least twice': kills >= 2,
        'all went on': wrong.length === 0,
      });
    }),
};
