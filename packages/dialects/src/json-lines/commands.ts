import { CommandError } from '@tidewire/hub';
import type { Command, Reading } from '../command.ts';
import { Fields, isRecord, Problem } from '../reading/fields.ts';
import { linesOf } from '../reading/lines.ts';
import { parse } from '../reading/parse.ts';

// JSON lines: what people can type. Each line is an object whose first member says what is wanted. A line that is wrong is
// answered by what would be right, and the next may be right.

/** How many publications are given where nobody says how many. */
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 0x7fffffff;
const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

const HELP =
  'a line must be a JSON object such as {"subscribe":"channel"}, {"publish":"channel","data":…}, {"unsubscribe":"channel"}, ' +
  '{"presence":"channel"}, {"history":"channel"}, {"rpc":"method"} or {"token":"…"}';

/**
 * Reads a message of one line or more. It never throws.
 * @param maxCommands what is more is not read, and a problem
 */
export function readLines(message: string, maxCommands: number): Reading {
  const commands: Command[] = [];
  for (const line of linesOf(message)) {
    if (commands.length === maxCommands) return { commands, problem: `more than ${maxCommands} lines in a message` };
    commands.push(readLine(line));
  }
  return { commands, problem: undefined };
}

type Reader = (fields: Fields, id: string | undefined) => Command;

/** By the member of a line that says what is wanted. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['token', readConnect],
  ['subscribe', readSubscribe],
  ['unsubscribe', (fields, id) => ({ type: 'unsubscribe', id, channel: fields.name('unsubscribe') })],
  ['publish', readPublish],
  ['presence', (fields, id) => ({ type: 'presence', id, channel: fields.name('presence') })],
  ['presence_stats', (fields, id) => ({ type: 'presenceStats', id, channel: fields.name('presence_stats') })],
  ['history', readHistory],
  ['rpc', (fields, id) => ({ type: 'rpc', id, method: fields.name('rpc'), data: fields.payload('data') })],
  ['send', (fields) => ({ type: 'send', id: undefined, data: fields.requiredPayload('send') })],
  ['refresh', readRefresh],
  ['ping', (_fields, id) => ({ type: 'ping', id })],
  ['pong', () => ({ type: 'pong' })],
]);

function readLine(line: string): Command {
  const problem = new Problem();
  const value = parse(line);
  if (!isRecord(value)) return refused(undefined, HELP);
  const fields = new Fields(value, line, [], problem);
  const id = readId(value, problem);
  // A token may be for what another member asks for.
  const names = Object.keys(value).filter((name) => readers.has(name));
  const [name, ...more] = names.length > 1 ? names.filter((each) => each !== 'token') : names;
  const reader = name === undefined ? undefined : readers.get(name);
  if (reader === undefined) return refused(id, HELP);
  if (more.length > 0) return refused(id, `a line must ask for one thing, not for ${name} and ${more.join(' and ')}`);
  const command = reader(fields, id);
  return problem.text === undefined ? command : refused(id, problem.text);
}

function readId({ id }: Readonly<Record<string, unknown>>, problem: Problem): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'number' || (typeof id === 'string' && id.length <= 100)) return JSON.stringify(id);
  problem.found('id must be a number or a string of at most 100 characters');
  return undefined;
}

function readConnect(fields: Fields, id: string | undefined): Command {
  return connectCommand(id, fields.string('token'), fields.payload('data'));
}

/** @param token `undefined` for somebody who says nothing of himself */
export function connectCommand(id: string | undefined, token: string | undefined, data: string | undefined) {
  return { type: 'connect', id, token, data, name: undefined, version: undefined, positions: new Map() } as const;
}

function readSubscribe(fields: Fields, id: string | undefined): Command {
  const request = {
    channel: fields.name('subscribe'),
    token: fields.string('token'),
    data: fields.payload('data'),
    position: readPosition(fields),
    isPositioned: true,
    wantsJoinLeave: fields.boolean('joins'),
  };
  return { type: 'subscribe', id, channel: request.channel, request, rejectsUnrecovered: false };
}

function readPublish(fields: Fields, id: string | undefined): Command {
  return { type: 'publish', id, channel: fields.name('publish'), data: fields.requiredPayload('data') };
}

function readHistory(fields: Fields, id: string | undefined): Command {
  const request = {
    since: readPosition(fields),
    limit: fields.integer('limit', 0, MAX_LIMIT) ?? DEFAULT_LIMIT,
    isReversed: fields.boolean('reverse'),
  };
  return { type: 'history', id, channel: fields.name('history'), request };
}

function readRefresh(fields: Fields, id: string | undefined): Command {
  const token = fields.name('refresh');
  if (fields.string('channel') === undefined) return { type: 'refresh', id, token };
  return { type: 'refreshSubscription', id, channel: fields.name('channel'), token };
}

function readPosition(fields: Fields): { readonly epoch: string; readonly offset: number } | undefined {
  const since = fields.object('since');
  return since && { epoch: since.name('epoch'), offset: since.integer('offset', 0, MAX_OFFSET) ?? 0 };
}

function refused(id: string | undefined, message: string): Command {
  return { type: 'refused', id, error: new CommandError('BAD_REQUEST', message) };
}
