import type {
  ClientInfo,
  CommandError,
  ConnectResult,
  Disconnect,
  History,
  Json,
  MemberCounts,
  Publication,
  Push,
  StreamPosition,
  SubscribeResult,
} from '@tidewire/hub';
import type { Terms } from '../dialect.ts';
import { flag, json, number, object, string, text } from '../writing.ts';

// What the server says in Centrifugo's client protocol, as JSON in a line. Payloads are JSON already, so that everything
// is put together as text. Members with their default values are left out.

/** Whole seconds, 1 at least: 0 would be no time at all. */
function expiry(ttl: number | undefined): string {
  return ttl === undefined ? '' : `"expires":true,"ttl":${Math.max(1, Math.floor(ttl))}`;
}

export function reply(id: string, name: string, result: string): string {
  return `{"id":${id},"${name}":${result}}`;
}

export function errorReply(id: string, { code, message, isTemporary }: CommandError): string {
  return reply(id, 'error', object(number('code', code), string('message', message), flag('temporary', isTemporary)));
}

/** @param since where the client has asked to recover from, by channel */
export function connectResult(
  result: ConnectResult,
  { ping, session }: Terms,
  since: ReadonlyMap<string, StreamPosition>,
): string {
  const subscriptions = [...result.subscriptions].map(
    ([channel, each]) => `${text(channel)}:${subscribeResult(each, since.get(channel)?.offset)}`,
  );
  return object(
    string('client', result.client),
    expiry(result.ttl),
    json('data', result.data),
    subscriptions.length === 0 ? '' : `"subs":{${subscriptions.join(',')}}`,
    number('ping', ping),
    flag('pong', ping > 0),
    string('session', session?.id),
    string('node', session?.node),
  );
}

/** @param since the offset that the client has asked to recover from */
export function subscribeResult(result: SubscribeResult, since: number | undefined): string {
  const { position, missed, recovery } = result;
  // A client moves on with each publication that it takes, from the place where it was.
  const offset = missed.length > 0 && since !== undefined ? since : position?.offset;
  const publications = missed.map((each) => publicationOf(each.publication, each.offset, undefined));
  return object(
    expiry(result.ttl),
    flag('recoverable', result.isRecoverable),
    string('epoch', position?.epoch),
    publications.length === 0 ? '' : `"publications":[${publications.join(',')}]`,
    flag('recovered', recovery === 'recovered'),
    number('offset', offset),
    flag('positioned', position !== undefined),
    json('data', result.data),
    flag('was_recovering', recovery !== 'none'),
  );
}

export function presenceResult(members: readonly ClientInfo[]): string {
  return `{"presence":{${members.map((info) => `${text(info.client)}:${clientInfo(info)}`).join(',')}}}`;
}

export function presenceStatsResult({ clients, users }: MemberCounts): string {
  return `{"num_clients":${clients},"num_users":${users}}`;
}

export function historyResult({ position, publications }: Pick<History, 'position' | 'publications'>): string {
  const all = publications.map((each) => publicationOf(each.publication, each.offset, undefined));
  return object(
    `"publications":[${all.join(',')}]`,
    string('epoch', position.epoch),
    number('offset', position.offset),
  );
}

export function rpcResult(data: Json | undefined): string {
  return object(json('data', data));
}

export function refreshResult(ttl: number | undefined): string {
  return object(expiry(ttl));
}

export function disconnectPush({ code, reason }: Disconnect): string {
  return `{"push":{"disconnect":${object(number('code', code), string('reason', reason))}}}`;
}

export function pushLine(push: Push): string {
  switch (push.type) {
    case 'publication': {
      const { channel, publication, offset, publishedTo } = push;
      return pushOf(channel, 'pub', publicationOf(publication, offset, publishedTo));
    }
    case 'join':
    case 'leave':
      return pushOf(push.channel, push.type, `{"info":${clientInfo(push.info)}}`);
    case 'subscribe':
      return pushOf(push.channel, 'subscribe', subscribeResult(push.result, undefined));
    case 'unsubscribe': {
      const { code, reason } = push.unsubscribe;
      return pushOf(push.channel, 'unsubscribe', object(number('code', code), string('reason', reason)));
    }
    case 'message':
      return `{"push":{"message":{${json('data', push.data)}}}}`;
    case 'refresh':
      return `{"push":{"refresh":${refreshResult(push.ttl)}}}`;
  }
}

function pushOf(channel: string, name: string, content: string): string {
  return `{"push":{"channel":${text(channel)},"${name}":${content}}}`;
}

function publicationOf(publication: Publication, offset: number | undefined, publishedTo: string | undefined): string {
  const { data, info, tags } = publication;
  return object(
    json('data', data),
    info === undefined ? '' : `"info":${clientInfo(info)}`,
    number('offset', offset),
    tags === undefined ? '' : `"tags":${JSON.stringify(tags)}`,
    string('channel', publishedTo),
  );
}

/** A channel may have ten thousand members, so that no list is made for each. */
function clientInfo({ user, client, connectionInfo, channelInfo }: ClientInfo): string {
  const begin = `{"user":${text(user)},"client":${text(client)}`;
  const ofConnection = connectionInfo === undefined ? '' : `,${json('conn_info', connectionInfo)}`;
  const ofChannel = channelInfo === undefined ? '' : `,${json('chan_info', channelInfo)}`;
  return `${begin}${ofConnection}${ofChannel}}`;
}
