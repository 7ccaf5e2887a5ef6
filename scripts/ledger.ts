/** Writes docs/security-bar.md, the requirement ledger; with `--check` it only compares. */
import { ledgerDocument } from './ledger/document.ts';
import { readRequirements } from './ledger/requirements.ts';
import { readTitles } from './ledger/titles.ts';
import { keepInStep } from './sdl/keep-in-step.ts';

keepInStep('docs/security-bar.md', ledgerDocument(readRequirements(), readTitles()), 'ledger');
