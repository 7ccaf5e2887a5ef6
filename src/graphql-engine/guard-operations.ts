import type { Plugin } from 'graphql-yoga';
import type { OperationContext } from '../http/context.ts';
import type { KnownDocuments } from './known-documents.ts';
import { oversizedParams } from './operation-limits.ts';
import { runOperation } from './run-operation.ts';
import { hashAlone } from './trusted-documents.ts';

/** Judges every operation before anything is done with it: by its size (GQ-6), and whether there is one. */
export function guardOperations(documents: KnownDocuments): Plugin<OperationContext> {
  return {
    onParams({ params }) {
      const refusal = oversizedParams(params) ?? hashAlone(params);
      if (refusal) throw refusal;
    },
    onParse({ setParseFn }) {
      setParseFn(documents.parse);
    },
    onValidate({ params, setResult }) {
      setResult(documents.judge(params.documentAST));
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn(runOperation);
    },
  };
}
