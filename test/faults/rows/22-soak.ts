import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type FaultRow, verdict } from '../row.ts';

const SOAK = join(import.meta.dirname, '../../../bench/soak.ts');

/** The long form is ten minutes; an hour is `npm run soak -- --minutes 60`, by hand. */
export const row: FaultRow = {
  number: 22,
  name: 'soak',
  run: async (run) => {
    const minutes = run.short ? '1' : '10';
    const child = spawn(process.execPath, [SOAK, '--minutes', minutes], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await once(child, 'close');
    const lines = printed.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const measured = lines.filter((cells) => cells[3] === 'ok' || cells[3] === 'FAILED');
    // Tables are listed when they fail: there are many of them.
    const listed = measured.filter(
      ([, what = '', , how]) => how === 'FAILED' || !what.startsWith('table'),
    );
    const failed = measured.filter(([, , , how]) => how === 'FAILED');
    return verdict(
      `${minutes} min: ${listed.map(([, what, figure]) => `${what}: ${figure}`).join('; ')}`,
      {
        'it ran to its end': measured.length > 10,
        [failed.map(([, what]) => what).join(', ')]: failed.length === 0,
      },
    );
  },
};
