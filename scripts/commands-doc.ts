/** Writes docs/operating/commands.md from the table of commands; with `--check` it only compares. */
import { commandsDocument } from '../src/cli/document.ts';
import { COMMANDS } from '../src/cli.ts';
import { keepInStep } from './sdl/keep-in-step.ts';

keepInStep('docs/operating/commands.md', commandsDocument(COMMANDS), 'commands-doc');
