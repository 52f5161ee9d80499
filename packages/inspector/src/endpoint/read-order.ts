import { isCloseCodeAllowedOnWire } from '@tidewire/protocol';
import { Fields } from '../recording/fields.ts';
import {
  type Content,
  type Direction,
  fromBase64,
  type Match,
  type MessageData,
  type Order,
  type Rule,
} from '../recording/index.ts';

// What a page says, looked at before it is believed.

const directions: readonly Direction[] = ['toServer', 'toClient'];

/** RFC 6455, 5.5: what is left of a Close frame for the reason. */
const MAX_REASON = 123;

/** Rules beyond that make each message slow. */
const MOST_RULES = 100;

/** The longest that Node's timers can wait, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** What a page has asked for, in a message of JSON. */
export interface ReadOrder {
  /** The page's number; 0 if there is none. */
  readonly number: number;
  /** What is to be done, or what is wrong with it, in words. */
  readonly order: Order | { readonly type: 'wrong'; readonly why: string };
}

export function readOrder(text: string): ReadOrder {
  let number = 0;
  try {
    const fields = new Fields(parse(text));
    number = fields.integer('order', 0);
    return { number, order: orderOf(fields) };
  } catch (error) {
    return { number, order: { type: 'wrong', why: error instanceof Error ? error.message : String(error) } };
  }
}

/** @throws TypeError if bytes are not in base64 */
export function dataOf(content: Content): MessageData {
  return 'data' in content ? content.data : fromBase64(content.bytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('This is no JSON');
  }
}

function orderOf(fields: Fields): Order {
  const type = fields.text('type');
  switch (type) {
    case 'watch':
      return { type, from: optionalInteger(fields, 'from', 1) };
    case 'pause':
    case 'clear':
      return { type };
    case 'read':
    case 'drop':
      return { type, seq: fields.integer('seq', 1) };
    case 'search':
      return {
        type,
        from: fields.integer('from', 1),
        text: fields.optionalText('text'),
        pattern: fields.optionalText('pattern'),
      };
    case 'record':
      return { type, isOn: fields.boolean('isOn') };
    case 'rules':
      return { type, rules: readRules(fields) };
    case 'release':
      return { type, seq: fields.integer('seq', 1), content: readContent(fields.optionalObject('content')) };
    case 'inject': {
      const content = readContent(fields.object('content')) ?? fields.fail('content', 'must be there');
      const [connection, direction] = [fields.integer('connection', 1), fields.oneOf('direction', directions)];
      return { type, connection, direction, content };
    }
    case 'close':
      return { type, connection: fields.integer('connection', 1), ...readClose(fields) };
    case 'cut':
      return { type, connection: fields.integer('connection', 1) };
    case 'import':
      return { type, text: fields.text('text') };
    case 'export':
      return {
        type,
        format: fields.oneOf('format', ['har', 'jsonl']),
        connections: readNumbers(fields, 'connections'),
      };
    default:
      return fields.fail('type', 'must be an order that there is');
  }
}

function readRules(fields: Fields): readonly Rule[] {
  const rules = fields.objects('rules').map(readRule);
  return rules.length <= MOST_RULES ? rules : fields.fail('rules', `must be ${MOST_RULES} at most`);
}

function readRule(fields: Fields): Rule {
  const share = fields.value('share') === undefined ? 1 : fields.number('share', 0);
  if (share > 1) fields.fail('share', 'must be from 0 to 1');
  return {
    id: fields.integer('id', 0),
    match: readMatch(fields.object('match')),
    action: readAction(fields.object('action')),
    share,
    isOn: fields.boolean('isOn'),
  };
}

function readMatch(fields: Fields): Match {
  return {
    connection: optionalInteger(fields, 'connection', 1),
    direction: fields.value('direction') === undefined ? undefined : fields.oneOf('direction', directions),
    opcodes: readNumbers(fields, 'opcodes'),
    text: fields.optionalText('text'),
    pattern: fields.optionalText('pattern'),
    minLength: optionalInteger(fields, 'minLength', 0),
    maxLength: optionalInteger(fields, 'maxLength', 0),
  };
}

function readAction(fields: Fields): Rule['action'] {
  const type = fields.oneOf('type', ['hold', 'drop', 'delay', 'close']);
  if (type === 'delay') return { type, by: fields.integer('by', 0, LONGEST_DELAY) };
  return type === 'close' ? { type, ...readClose(fields) } : { type };
}

function readClose(fields: Fields): { readonly code: number; readonly reason: string } {
  const code = fields.integer('code', 1000, 4999);
  if (!isCloseCodeAllowedOnWire(code)) fields.fail('code', 'must be 1000 to 1003, 1007 to 1014, or 3000 to 4999');
  const reason = fields.optionalText('reason') ?? '';
  if (Buffer.byteLength(reason) > MAX_REASON) fields.fail('reason', `must have ${MAX_REASON} bytes of UTF-8 at most`);
  return { code, reason };
}

function readContent(fields: Fields | undefined): Content | undefined {
  if (fields === undefined) return undefined;
  const data = fields.optionalText('data');
  if (data !== undefined) return { data };
  const bytes = fields.text('bytes');
  dataOf({ bytes });
  return { bytes };
}

function optionalInteger(fields: Fields, name: string, least: number): number | undefined {
  return fields.value(name) === undefined ? undefined : fields.integer(name, least);
}

function readNumbers(fields: Fields, name: string): readonly number[] | undefined {
  if (fields.value(name) === undefined) return undefined;
  return fields.list(name).map((each) => {
    return typeof each === 'number' && Number.isSafeInteger(each) ? each : fields.fail(name, 'must be whole numbers');
  });
}
