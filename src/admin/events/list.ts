import {
  type EventPage,
  type EventSearch,
  type FoundEvent,
  findEvents,
} from '../../audit/search.ts';
import type { Deps } from '../../deps.ts';
import type { PageArguments } from '../../graphql/page.ts';
import { isId } from '../../kernel/id.ts';
import { BY_ID, type ListPage, listPage, listRequest } from '../graphql/connection.ts';

const NOTHING: EventPage = { events: [], readTo: null };

/**
 * Lists events of the audit log, newest first. A malformed id reads like an unknown one.
 *
 * @throws InvalidInputError for arguments of a page that are out of range or belong to another list
 */
export async function listEvents(
  { db }: Pick<Deps, 'db'>,
  search: EventSearch,
  args: PageArguments,
): Promise<ListPage<FoundEvent>> {
  const { types, userId, actorId, ipAddress, after, before } = search;
  const scope = [types && [...types].sort(), userId, actorId, ipAddress, after, before];
  const request = listRequest(args, { name: 'events', scope, place: BY_ID });
  const page = { before: request.after, limit: request.limit };
  const isPossible = [userId, actorId].every((id) => id === undefined || isId(id));
  const { events, readTo } = isPossible ? await findEvents(db, search, page) : NOTHING;
  return listPage(events, request, ({ id }) => id, readTo);
}
