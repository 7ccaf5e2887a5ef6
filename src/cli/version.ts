import { buildInfo } from '../build-info.ts';
import { command } from './command.ts';

/** Also called as `--version`, like other programs. */
export const versionCommand = command({
  name: 'version',
  summary: 'show the version, its revision and the version of Node.js; also --version',
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
