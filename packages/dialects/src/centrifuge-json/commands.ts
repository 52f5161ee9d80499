import { CommandError, type SubscribeRequest } from '@tidewire/hub';
import type { Command, ConnectCommand, HistoryCommand, Reading, SubscribeCommand } from '../command.ts';
import { Fields, isRecord, Problem } from '../reading/fields.ts';
import { linesOf } from '../reading/lines.ts';
import { parse } from '../reading/parse.ts';

// The commands of Centrifugo's client protocol in JSON: https://github.com/centrifugal/protocol/blob/master/definitions/client.proto
// A message is one command or several, each in a line. Members with their default values may be missing, and unknown ones
// are passed over, so that newer clients are understood.

const MAX_ID = 0xffffffff;
/** The type of a subscription or publication that is none of the newer kinds. */
const PLAIN = 0;
/** A bit of a subscription's `flag`. */
const REJECT_UNRECOVERED = 2;

/**
 * Reads a message. It never throws.
 * @param maxCommands what is more is not read, and a problem
 */
export function readCommands(message: string, maxCommands: number): Reading {
  const commands: Command[] = [];
  for (const line of linesOf(message)) {
    if (commands.length === maxCommands) return { commands, problem: `more than ${maxCommands} commands in a message` };
    const problem = new Problem();
    const command = readCommand(line, problem);
    if (command === undefined || problem.text !== undefined) return { commands, problem: problem.text ?? 'no command' };
    commands.push(command);
  }
  return { commands, problem: commands.length === 0 ? 'an empty message' : undefined };
}

type Reader = (fields: Fields, id: string | undefined) => Command;

/** By the member of a command that says what is wanted. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['connect', readConnect],
  ['subscribe', readSubscribe],
  ['unsubscribe', (fields, id) => ({ type: 'unsubscribe', id, channel: fields.name('channel') })],
  ['publish', readPublish],
  ['presence', (fields, id) => ({ type: 'presence', id, channel: fields.name('channel') })],
  ['presence_stats', (fields, id) => ({ type: 'presenceStats', id, channel: fields.name('channel') })],
  ['history', readHistory],
  ['ping', (_fields, id) => ({ type: 'ping', id })],
  ['send', (fields) => ({ type: 'send', id: undefined, data: fields.requiredPayload('data') })],
  ['rpc', (fields, id) => ({ type: 'rpc', id, method: fields.string('method') ?? '', data: fields.payload('data') })],
  ['refresh', (fields, id) => ({ type: 'refresh', id, token: fields.name('token') })],
  ['sub_refresh', readRefreshSubscription],
]);

function readCommand(line: string, problem: Problem): Command | undefined {
  const value = parse(line);
  if (!isRecord(value)) {
    problem.found('a command must be a JSON object in a line');
    return undefined;
  }
  const command = new Fields(value, line, [], problem);
  const id = command.integer('id', 0, MAX_ID) ?? 0;
  const names = Object.keys(value).filter((name) => readers.has(name) && value[name] !== null);
  const [name] = names;
  const reader = name === undefined ? undefined : readers.get(name);
  if (name === undefined || reader === undefined) return readPong(value, id, problem);
  if (names.length > 1) problem.found(`a command must ask for one thing, not for ${names.join(' and ')}`);
  if (id === 0 && name !== 'send') problem.found(`${name} needs an id`);
  const fields = command.object(name);
  return fields && reader(fields, String(id));
}

/** The answer to a ping is a command that says nothing. */
function readPong(value: Readonly<Record<string, unknown>>, id: number, problem: Problem): Command {
  const asks = Object.keys(value).some((name) => name !== 'id' && value[name] !== null);
  if (id !== 0 || asks) problem.found('a command must ask for something that the protocol knows');
  return { type: 'pong' };
}

function readConnect(fields: Fields, id: string | undefined): ConnectCommand {
  const positions = new Map(
    [...fields.objects('subs')].flatMap(([channel, sub]) => {
      const position = readRecovery(sub);
      return position === undefined ? [] : [[channel, position] as const];
    }),
  );
  return {
    type: 'connect',
    id,
    token: fields.string('token'),
    data: fields.payload('data'),
    name: fields.string('name'),
    version: fields.string('version'),
    positions,
  };
}

function readSubscribe(fields: Fields, id: string | undefined): SubscribeCommand | Command {
  const kind = fields.integer('type', PLAIN, MAX_ID) ?? PLAIN;
  const filter = fields.object('tf');
  const request: SubscribeRequest = {
    channel: fields.name('channel'),
    token: fields.string('token'),
    data: fields.payload('data'),
    position: readRecovery(fields),
    isPositioned: fields.boolean('positioned') === true || fields.boolean('recoverable') === true,
    wantsJoinLeave: fields.boolean('join_leave'),
  };
  const flags = fields.integer('flag', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  if (kind !== PLAIN) return notAvailable(id, 'subscriptions of this type are not available');
  if (filter !== undefined) return notAvailable(id, 'filters are not available');
  return {
    type: 'subscribe',
    id,
    channel: request.channel,
    request,
    rejectsUnrecovered: Math.floor(flags / REJECT_UNRECOVERED) % 2 === 1,
  };
}

function readRecovery(fields: Fields): SubscribeRequest['position'] {
  const epoch = fields.string('epoch') ?? '';
  const offset = fields.integer('offset', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  return fields.boolean('recover') === true ? { epoch, offset } : undefined;
}

function readPublish(fields: Fields, id: string | undefined): Command {
  const kind = fields.integer('type', PLAIN, MAX_ID) ?? PLAIN;
  const channel = fields.name('channel');
  // A publication that removes a key has no data.
  if (kind !== PLAIN) return notAvailable(id, 'publications of this type are not available');
  return { type: 'publish', id, channel, data: fields.requiredPayload('data') };
}

function readHistory(fields: Fields, id: string | undefined): HistoryCommand {
  // Without a limit the protocol means 0, and by a negative one all.
  const limit = fields.integer('limit', -0x80000000, 0x7fffffff) ?? 0;
  const since = fields.object('since');
  const epoch = since?.string('epoch') ?? '';
  const offset = since?.integer('offset', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  return {
    type: 'history',
    id,
    channel: fields.name('channel'),
    request: {
      // No epoch and no offset: from the beginning.
      since: epoch === '' && offset === 0 ? undefined : { epoch, offset },
      limit: limit < 0 ? undefined : limit,
      isReversed: fields.boolean('reverse'),
    },
  };
}

function readRefreshSubscription(fields: Fields, id: string | undefined): Command {
  const kind = fields.integer('type', PLAIN, MAX_ID) ?? PLAIN;
  const channel = fields.name('channel');
  if (kind !== PLAIN) return notAvailable(id, 'subscriptions of this type are not available');
  return { type: 'refreshSubscription', id, channel, token: fields.name('token') };
}

function notAvailable(id: string | undefined, message: string): Command {
  return { type: 'refused', id, error: new CommandError('NOT_AVAILABLE', message) };
}
