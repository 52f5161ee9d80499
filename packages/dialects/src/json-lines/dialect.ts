import type {
  ClientInfo,
  CommandError,
  Encoder,
  Push,
  StoredPublication,
  StreamPosition,
  SubscribeResult,
} from '@tidewire/hub';
import type { ClientCommand, ConnectCommand } from '../command.ts';
import type { Dialect } from '../dialect.ts';
import { json, number, object, string, text } from '../writing.ts';
import { readLines } from './commands.ts';

// What the server says in JSON lines: each a message of its own, whose first member says what it is.

/** One line for each push, so that a program can parse a message as it is. */
const encoder: Encoder = { name: 'json-lines', encode: (pushes) => pushes.map(pushLine) };

export const jsonLines: Dialect = {
  encoder,
  ping: '{"ping":true}',
  forgives: true,
  read: readLines,
  connected: ({ id }, { client, user, data, ttl, subscriptions }) => [
    object(string('connected', client), string('user', user), json('data', data), expiry(ttl), json('id', id)),
    ...[...subscriptions].flatMap(([channel, result]) => subscribed(channel, result, undefined, undefined)),
  ],
  subscribed: ({ id, channel, request }, result) => subscribed(channel, result, request.position, id),
  unsubscribed: ({ id, channel }) => object(string('unsubscribed', channel), json('id', id)),
  published: ({ id, channel }) => object(string('published', channel), json('id', id)),
  presence: ({ id, channel }, members) =>
    object(
      string('presence', channel),
      `"clients":[${members.map((info) => object(who(info))).join(',')}]`,
      json('id', id),
    ),
  presenceStats: ({ id, channel }, { clients, users }) =>
    object(string('presence_stats', channel), `"clients":${clients},"users":${users}`, json('id', id)),
  history: ({ id, channel }, { position, publications }) =>
    object(
      string('history', channel),
      place(position),
      `"publications":[${publications.map((each) => object(content(each))).join(',')}]`,
      json('id', id),
    ),
  called: ({ id, method }, data) => object(string('rpc', method), json('data', data), json('id', id)),
  refreshed: (command, ttl) => {
    const channel = command.type === 'refreshSubscription' ? string('channel', command.channel) : '';
    return object('"refreshed":true', channel, expiry(ttl), json('id', command.id));
  },
  pong: ({ id }) => object('"pong":true', json('id', id)),
  failed,
};

/** What was missed comes as if it were published now. */
function subscribed(
  channel: string,
  { position, missed, recovery, data, ttl }: SubscribeResult,
  since: StreamPosition | undefined,
  id: string | undefined,
): readonly string[] {
  const start = missed.length > 0 && since !== undefined ? since : position;
  const outcome = recovery === 'none' ? '' : `"recovered":${recovery === 'recovered'}`;
  return [
    object(
      string('subscribed', channel),
      ...[start === undefined ? '' : place(start), outcome],
      ...[json('data', data), expiry(ttl), json('id', id)],
    ),
    ...missed.map((each) => object(string('publication', channel), content(each))),
  ];
}

function failed(command: ConnectCommand | ClientCommand, { code, message, isTemporary }: CommandError): string {
  return object(
    `"error":${code}`,
    string('message', message),
    isTemporary ? '"temporary":true' : '',
    asked(command),
    json('id', command.id),
  );
}

/** What has failed, in the words of the command. */
function asked(command: ConnectCommand | ClientCommand): string {
  switch (command.type) {
    case 'presenceStats':
      return string('presence_stats', command.channel);
    case 'refreshSubscription':
      return `"refresh":true,${string('channel', command.channel)}`;
    case 'rpc':
      return string('rpc', command.method);
    case 'refused':
      return '';
    case 'connect':
      return '"token":true';
    default:
      return 'channel' in command ? string(command.type, command.channel) : `"${command.type}":true`;
  }
}

function pushLine(push: Push): string {
  switch (push.type) {
    case 'publication': {
      const { channel, publication, offset, publishedTo } = push;
      const subscription = publishedTo === undefined ? '' : string('subscription', channel);
      return object(string('publication', publishedTo ?? channel), subscription, content({ publication, offset }));
    }
    case 'join':
    case 'leave':
      return object(string(push.type, push.channel), who(push.info));
    case 'subscribe':
      return subscribed(push.channel, push.result, undefined, undefined).join('\n');
    case 'unsubscribe': {
      const { code, reason } = push.unsubscribe;
      return object(string('unsubscribed', push.channel), `"code":${code}`, string('reason', reason));
    }
    case 'message':
      return object(json('message', push.data));
    case 'refresh':
      return object('"refreshed":true', expiry(push.ttl));
  }
}

function content({
  publication,
  offset,
}: {
  publication: StoredPublication['publication'];
  offset: number | undefined;
}) {
  const { data, info, tags } = publication;
  return [json('data', data), number('offset', offset), info && who(info), tags && `"tags":${JSON.stringify(tags)}`]
    .filter((member) => member !== undefined && member !== '')
    .join(',');
}

function who({ client, user, connectionInfo, channelInfo }: ClientInfo): string {
  const members = [`"client":${text(client)}`, string('user', user)];
  return [...members, json('info', connectionInfo), json('channel_info', channelInfo)]
    .filter((each) => each !== '')
    .join(',');
}

function place({ epoch, offset }: StreamPosition): string {
  return `"epoch":${text(epoch)},"offset":${offset}`;
}

/** Seconds, as a number of them that are whole. */
function expiry(ttl: number | undefined): string {
  return ttl === undefined ? '' : `"expires_in":${Math.max(1, Math.floor(ttl))}`;
}
