import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommands } from '../src/centrifuge-json/commands.ts';
import type { Command, Reading } from '../src/command.ts';
import { readLines } from '../src/json-lines/commands.ts';

// Whatever comes, reading ends with commands, or with a reason in words. A failure prints its seed and path, and
// DIALECT_SEED repeats a run.

const seed = Number(process.env.DIALECT_SEED ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: 1500 };

type Read = (message: string) => Reading;

function expectDefined(message: string, read: Read): void {
  const { commands, problem } = read(message);
  // Nothing was asked only where nothing was said.
  expect(commands.length > 0 || problem !== undefined || message.trim() === '').toBe(true);
  expect(commands.length).toBeLessThanOrEqual(20);
  if (problem !== undefined) expect(problem).toMatch(/\S/);
  for (const command of commands) expectSound(message, command);
}

/** A command has fields of the types that are promised, and payloads that are a line of JSON out of the message. */
function expectSound(message: string, command: Command): void {
  if ('id' in command && command.id !== undefined) expect(JSON.stringify(JSON.parse(command.id))).toBe(command.id);
  if ('channel' in command) expect(command.channel).toMatch(/[\s\S]/);
  if (command.type === 'refused') expect(command.error.message).toMatch(/\S/);
  if (!('data' in command) || command.data === undefined) return;
  expect(() => JSON.parse(command.data ?? '')).not.toThrow();
  expect(command.data).not.toMatch(/[\r\n]/);
  expect(message.replaceAll('\r', ' ')).toContain(command.data);
}

const names = ['connect', 'subscribe', 'unsubscribe', 'publish', 'presence', 'presence_stats', 'history', 'ping'];
const methods = [...names, 'send', 'rpc', 'refresh', 'sub_refresh', 'token', 'unknown', '__proto__', 'constructor'];
const odd = fc.oneof(
  fc.constantFrom(null, true, '', 0, -1, 1.5, 2 ** 32, 2 ** 53, 1e308, [], {}, 'e', { offset: 1, epoch: 'e' }),
  fc.jsonValue(),
);
const parameters = fc.dictionary(
  fc.constantFrom('channel', 'data', 'token', 'epoch', 'offset', 'recover', 'since', 'limit', 'subs', 'type', 'flag'),
  fc.oneof(odd, fc.string()),
);
const method = fc.constantFrom(...methods);
const json = (value: unknown) => JSON.stringify(value);
const nested = fc
  .tuple(fc.oneof(fc.nat(), odd), method, fc.oneof({ weight: 5, arbitrary: parameters }, odd))
  .map(([id, name, content]) => `{"id":${json(id)},"${name}":${json(content)}}`);
const flat = fc
  .tuple(method, fc.oneof(fc.string(), odd), parameters)
  .map(([name, value, more]) => `{"${name}":${json(value)},${json(more).slice(1)}`.replace(',}', '}'));
const message = fc.array(fc.oneof(nested, flat), { minLength: 1, maxLength: 30 }).map((lines) => lines.join('\n'));
const change = fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.oneof(fc.string(), fc.constantFrom('"', '\\', '{', '\n')));

describe.each<[string, Read]>([
  ['centrifuge-json', (text) => readCommands(text, 20)],
  ['json-lines', (text) => readLines(text, 20)],
])(`whatever is sent in %s (seed ${seed})`, (_name, read) => {
  it('is read if it is any text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, (each) => expectDefined(each, read)),
      runs,
    );
  });

  it('is read if it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectDefined(Buffer.from(bytes).toString(), read)),
      runs,
    );
  });

  it('is read if it looks like commands', () => {
    fc.assert(
      fc.property(message, (text) => expectDefined(text, read)),
      runs,
    );
  });

  it('is read if it was commands before something happened to it', () => {
    fc.assert(
      fc.property(message, fc.array(change, { minLength: 1, maxLength: 4 }), (text, changes) => {
        let changed = text;
        for (const [at, cut, put] of changes) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + put + changed.slice(place + cut);
        }
        expectDefined(changed, read);
      }),
      runs,
    );
  });
});
