import { nodePlatform } from '@tidewire/node';
import { type DeflateAgreement, type MessageWriter, PreparedBatch, PreparedMessage } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LateCodec } from './late-codec.ts';
import { Endpoint } from './support.ts';

// Whenever a large message is done, compressed or inflated, everything arrives in the order in which it was sent.

const parameters = { seed: 20_261_121, numRuns: 200 };
const LATE_FROM = 200;

type Step =
  | { do: 'text' | 'binary' | 'publish' | 'write' | 'ping'; size: number; of: number }
  | { do: 'start' | 'end' | 'flush' | 'pause' | 'resume'; of: number }
  | { do: 'finish'; index: number }
  | { do: 'carry'; from: number; size: number };

const side = fc.integer({ min: 0, max: 1 });
const size = fc.constantFrom(0, 1, 50, 150, 199, 200, 1000, 70_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('text', 'binary', 'publish', 'write', 'ping'), size, of: side }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('start', 'end', 'flush', 'pause', 'resume'), of: side }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('finish' as const), index: fc.integer({ min: 0, max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('carry' as const), from: side, size: fc.integer({ min: 1, max: 90_000 }) }),
  },
) as fc.Arbitrary<Step>;

const agreement = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.constant(15),
  clientMaxWindowBits: fc.constant(15),
});

/** Text that does not become much smaller, so that inflating it is late, too. */
function textOf(size: number, number: number): string {
  let text = `${number} `;
  for (let i = number * 7919; text.length < size; i++) text += (Math.imul(i, 2_654_435_761) >>> 0).toString(36);
  return text.slice(0, Math.max(size, 1));
}

function prepare(text: string): PreparedMessage {
  return new PreparedMessage(text, nodePlatform);
}

class Side {
  readonly endpoint: Endpoint;
  /** What the peer is to receive, in order. */
  readonly expected: string[] = [];
  #writer: MessageWriter | undefined;
  #started = '';
  /** Sent while a message was being sent in fragments. */
  #aside: string[] = [];
  #number = 0;
  unread = Buffer.alloc(0);

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  act(step: Exclude<Step, { do: 'finish' | 'carry' }>): void {
    const { connection } = this.endpoint;
    if (step.do === 'flush') connection.flush();
    else if (step.do === 'pause') connection.pause();
    else if (step.do === 'resume') connection.resume();
    else if (step.do === 'start') this.#start();
    else if (step.do === 'end') this.end();
    else if (step.do === 'ping') connection.ping();
    else if ('size' in step) this.#send(step.do, textOf(step.size, this.#number++));
  }

  #send(how: 'text' | 'binary' | 'publish' | 'write', text: string): void {
    const { connection } = this.endpoint;
    if (how === 'write') {
      if (this.#writer?.write(text) !== undefined) this.#started += text;
      return;
    }
    if (how === 'text') connection.send(text);
    else if (how === 'binary') connection.send(Buffer.from(text));
    const batch = how === 'publish' ? [text, `with ${text}`, 'and behind them'] : [text];
    if (how === 'publish') connection.sendPrepared(new PreparedBatch(batch.map(prepare), nodePlatform));
    if (this.#writer === undefined) this.expected.push(...batch);
    else this.#aside.push(...batch);
  }

  #start(): void {
    if (this.#writer !== undefined) return;
    this.#writer = this.endpoint.connection.startMessage('text');
    this.#started = '';
  }

  end(): void {
    if (this.#writer === undefined) return;
    this.#writer.end();
    this.#writer = undefined;
    this.expected.push(this.#started, ...this.#aside);
    this.#aside = [];
  }

  /** Takes up to `size` bytes of what was written. */
  take(size: number): Uint8Array {
    const all = Buffer.concat([this.unread, ...this.endpoint.written.splice(0)]);
    this.unread = all.subarray(size);
    return Uint8Array.from(all.subarray(0, size));
  }
}

function run(steps: Step[], deflate: DeflateAgreement): void {
  const codec = new LateCodec(LATE_FROM);
  const platform = { ...nodePlatform, deflate: codec, now: () => 0 };
  const options = { platform, deflate, compressionThreshold: 100 };
  const sides = [new Side(new Endpoint('server', options)), new Side(new Endpoint('client', options))] as const;
  const at = (index: number): Side => (index === 0 ? sides[0] : sides[1]);
  const carry = (from: number, size: number) => {
    const bytes = at(from).take(size);
    if (bytes.length > 0) at(1 - from).endpoint.connection.receive(bytes);
  };
  for (const step of steps) {
    if (step.do === 'finish') codec.finish(step.index);
    else if (step.do === 'carry') carry(step.from, step.size);
    else at(step.of).act(step);
  }
  for (const { endpoint } of sides) endpoint.connection.resume();
  for (const each of sides) each.end();
  sides[0].endpoint.connection.close(1000);
  const isBusy = () =>
    codec.underWay.length > 0 ||
    sides.some(
      ({ endpoint, unread }) => unread.length + endpoint.connection.bufferedAmount + endpoint.written.length > 0,
    );
  while (isBusy()) {
    codec.finishAll();
    for (const from of [0, 1]) {
      at(from).endpoint.connection.flush();
      carry(from, 1_000_000);
    }
  }
  expect(sides[1].endpoint.messages.map(String)).toEqual(sides[0].expected);
  for (const { endpoint } of sides) endpoint.connection.gone();
  expect(sides.map(({ endpoint }) => endpoint.close?.wasClean)).toEqual([true, true]);
  // What the client sends once the server has closed may come too late; what comes is in order.
  const received = sides[0].endpoint.messages.map(String);
  expect(received).toEqual(sides[1].expected.slice(0, received.length));
}

describe('large messages that are done later', () => {
  it('arrive in the order in which they were sent, whenever they are done', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), agreement, (steps, deflate) =>
        run(steps, deflate),
      ),
      parameters,
    );
  });
});
