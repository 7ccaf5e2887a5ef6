import type { Plugin } from 'graphql-yoga';
import type { OperationContext } from './context.ts';
import type { KnownDocuments } from './known-documents.ts';
import { oversizedParams } from './operation-limits.ts';
import { runOperation } from './run-operation.ts';

/** Judges every operation by its size before anything is done with it (GQ-6). */
export function guardOperations(documents: KnownDocuments): Plugin<OperationContext> {
  return {
    onParams({ params }) {
      const refusal = oversizedParams(params);
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
