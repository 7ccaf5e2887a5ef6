import { buildInfo } from '../build-info.ts';
import { command } from './command.ts';

/** Also `--version`, as it is asked of every program. */
export const versionCommand = command({
  name: 'version',
  summary: 'show the version, the revision it was built from, and that of Node.js; also --version',
  parameters: {},
  async run() {
    const { version, revision } = buildInfo();
    const node = process.versions.node;
    return {
      rows: [{ version, revision, node }],
      lines: [`latchkey ${version} (revision ${revision ?? 'unknown'}, Node.js ${node})`],
    };
  },
});
