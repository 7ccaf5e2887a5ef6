import { FaultError, UnreachableError } from '@latchkey/client';
import type { AnyVariables, Client, TypedDocumentNode } from 'urql';

/** One member of a mutation’s union. */
export type Outcome = { readonly __typename: string };
/** The result of a document with one mutation. */
export type Data = Readonly<Record<string, Outcome>>;

/**
 * Sends one mutation.
 *
 * @throws FaultError, UnreachableError
 */
export async function send<D extends Data, V extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<D, V>,
  variables: V,
): Promise<D[keyof D]> {
  const { data, error } = await client.mutation(document, variables).toPromise();
  const [outcome] = Object.values(data ?? {});
  if (outcome) return outcome as D[keyof D];
  const [fault] = error?.graphQLErrors ?? [];
  if (fault) throw new FaultError(fault);
  throw new UnreachableError({ cause: error });
}
