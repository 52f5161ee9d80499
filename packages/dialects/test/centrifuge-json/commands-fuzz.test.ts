import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommands } from '../../src/centrifuge-json/commands.ts';
import type { Command, Reading } from '../../src/command.ts';

// Whatever comes, reading ends with commands, or with a reason in words. A failure prints its seed and path, and
// DIALECT_SEED repeats a run.

const seed = Number(process.env.DIALECT_SEED ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: 2000 };
const read = (message: string) => readCommands(message, 20);

function expectDefined(message: string, { commands, problem }: Reading): void {
  expect(commands.length > 0 || problem !== undefined).toBe(true);
  expect(commands.length).toBeLessThanOrEqual(20);
  if (problem !== undefined) expect(problem).toMatch(/\S/);
  for (const command of commands) expectSound(message, command);
}

/** A command has fields of the types that are promised, and payloads that are a line of JSON out of the message. */
function expectSound(message: string, command: Command): void {
  if ('id' in command && command.id !== undefined) expect(command.id).toMatch(/^[1-9]\d{0,9}$/);
  if ('channel' in command) expect(command.channel).not.toBe('');
  if (!('data' in command) || command.data === undefined) return;
  expect(() => JSON.parse(command.data ?? '')).not.toThrow();
  expect(command.data).not.toMatch(/[\r\n]/);
  expect(message.replaceAll('\r', ' ')).toContain(command.data);
}

const names = ['connect', 'subscribe', 'unsubscribe', 'publish', 'presence', 'presence_stats', 'history', 'ping'];
const methods = [...names, 'send', 'rpc', 'refresh', 'sub_refresh', 'unknown', '__proto__', 'constructor'];
const odd = fc.oneof(
  fc.constantFrom(null, true, '', 0, -1, 1.5, 2 ** 32, 2 ** 53, 1e308, [], {}, 'e', { offset: 1, epoch: 'e' }),
  fc.jsonValue(),
);
const parameters = fc.dictionary(
  fc.constantFrom('channel', 'data', 'token', 'epoch', 'offset', 'recover', 'since', 'limit', 'subs', 'type', 'flag'),
  fc.oneof(odd, fc.string()),
);
const command = fc
  .tuple(fc.oneof(fc.nat(), odd), fc.constantFrom(...methods), fc.oneof({ weight: 5, arbitrary: parameters }, odd))
  .map(([id, method, content]) => `{"id":${JSON.stringify(id)},"${method}":${JSON.stringify(content)}}`);
const message = fc.array(command, { minLength: 1, maxLength: 30 }).map((lines) => lines.join('\n'));

describe(`whatever is sent (seed ${seed})`, () => {
  it('is read if it is any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => expectDefined(text, read(text))),
      runs,
    );
  });

  it('is read if it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString();
        expectDefined(text, read(text));
      }),
      runs,
    );
  });

  it('is read if it looks like commands', () => {
    fc.assert(
      fc.property(message, (text) => expectDefined(text, read(text))),
      runs,
    );
  });

  it('is read if it was commands before something happened to it', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.oneof(fc.string(), fc.constantFrom('"', '\\', '{', '\n')));
    fc.assert(
      fc.property(message, fc.array(change, { minLength: 1, maxLength: 4 }), (text, changes) => {
        let changed = text;
        for (const [at, cut, put] of changes) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + put + changed.slice(place + cut);
        }
        expectDefined(changed, read(changed));
      }),
      runs,
    );
  });
});
