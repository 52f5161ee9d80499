import type { ClientInfo, Publication, Signal } from './publication.ts';

// How engines write what they carry from node to node, and keep: text. The first character says what it is. The JSON of
// applications is put in as it came, behind a line that says the rest: nobody parses it on the way. What cannot be read is
// `undefined`, since others may write to the same server.
//
//   publication   p[time, info, key, tags]  newline  data        what is missing at the end of the list is left out
//   join, leave   j[client, user, connectionInfo, channelInfo]   and l
//   order         o  and its JSON

/** What a node tells the others about a channel. */
export type EngineEvent = { readonly type: 'publication'; readonly publication: Publication } | Signal;

export function encodeEvent(event: EngineEvent): string {
  switch (event.type) {
    case 'publication':
      return encodePublication(event.publication);
    case 'join':
      return `j${encodeClientInfo(event.info)}`;
    case 'leave':
      return `l${encodeClientInfo(event.info)}`;
    case 'order':
      return `o${event.order}`;
  }
}

export function decodeEvent(text: string): EngineEvent | undefined {
  switch (text[0]) {
    case 'p': {
      const publication = decodePublication(text);
      return publication && { type: 'publication', publication };
    }
    case 'j':
    case 'l': {
      const info = decodeClientInfo(text.slice(1));
      return info && { type: text[0] === 'j' ? 'join' : 'leave', info };
    }
    case 'o':
      return { type: 'order', order: text.slice(1) };
    default:
      return undefined;
  }
}

/** Ends in a list of JSON without a newline. */
export function encodeClientInfo(info: ClientInfo): string {
  return JSON.stringify(infoList(info));
}

export function decodeClientInfo(text: string): ClientInfo | undefined {
  return infoOf(parsed(text));
}

function encodePublication({ data, info, tags, key, time }: Publication): string {
  if (info === undefined && key === undefined && tags === undefined) return `p[${time}]\n${data}`;
  const list = withoutEnd([time, info && infoList(info), key, tags]);
  return `p${JSON.stringify(list)}\n${data}`;
}

function decodePublication(text: string): Publication | undefined {
  const end = text.indexOf('\n');
  if (end === -1) return undefined;
  const list = parsed(text.slice(1, end));
  if (!Array.isArray(list)) return undefined;
  const [time, from, key, tags]: unknown[] = list;
  const info = isPresent(from) ? infoOf(from) : undefined;
  if (typeof time !== 'number' || (isPresent(from) && info === undefined)) return undefined;
  if ((isPresent(key) && typeof key !== 'string') || (isPresent(tags) && !isTags(tags))) return undefined;
  return {
    data: text.slice(end + 1),
    time,
    ...(info && { info }),
    ...(typeof key === 'string' && { key }),
    ...(isTags(tags) && { tags }),
  };
}

function infoList({ client, user, connectionInfo, channelInfo }: ClientInfo): unknown[] {
  return withoutEnd([client, user, connectionInfo, channelInfo]);
}

function infoOf(list: unknown): ClientInfo | undefined {
  if (!Array.isArray(list)) return undefined;
  const [client, user, connectionInfo, channelInfo]: unknown[] = list;
  if (typeof client !== 'string' || typeof user !== 'string') return undefined;
  if (isPresent(connectionInfo) && typeof connectionInfo !== 'string') return undefined;
  if (isPresent(channelInfo) && typeof channelInfo !== 'string') return undefined;
  return {
    client,
    user,
    ...(typeof connectionInfo === 'string' && { connectionInfo }),
    ...(typeof channelInfo === 'string' && { channelInfo }),
  };
}

/** JSON writes what is undefined inside of a list as `null`. */
function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isTags(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function withoutEnd(list: unknown[]): unknown[] {
  while (list.length > 0 && list[list.length - 1] === undefined) list.pop();
  return list;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
