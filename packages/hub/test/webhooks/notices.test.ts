import { verifyWebhook, type WebhookOptions } from '@tidewire/hub';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type Received, secret, serveApplication, webhooksTo } from './support.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const random = vi.spyOn(Math, 'random').mockReturnValue(1);

afterEach(() => {
  vi.useRealTimers();
  random.mockReturnValue(1);
});

/** An application that is told, and answers each request with the next of `answers`, then with 200. */
async function telling(answers: readonly Answer[] = [], more: Partial<WebhookOptions> = {}) {
  const { url, received } = await serveApplication((_received, count) => answers[count - 1] ?? 200);
  return { received, ...webhooksTo(url, { notices: { firstDelay: 10 }, ...more }) };
}

interface Notice {
  readonly type: string;
  readonly id: string;
  readonly time: number;
  readonly channel?: string;
}

const noticesOf = ({ body }: Received): readonly Notice[] => body.notices as readonly Notice[];
const namesOf = (received: readonly Received[]) =>
  received.flatMap((one) => noticesOf(one).map(({ type, channel }) => `${type} ${channel}`));

/** Stops the clock of everything but the network. */
const stopClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
/** Resolves when the network has had its time. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) expect.fail(`waited in vain for ${isSo}`);
    await new Promise(setImmediate);
  }
}

describe('an application is told', () => {
  it('of channels, in a request that is signed', async () => {
    const { webhooks, received, done } = await telling();
    webhooks.occupancy('occupied', 'chat:"a"', { traceparent, tracestate: 'x=y' });
    webhooks.occupancy('vacated', 'chat:"a"', { traceparent });
    webhooks.occupancy('occupied', 'chat:b');
    await webhooks.stop();
    const [one = expect.fail()] = received;
    const common = { id: expect.any(String), time: expect.any(Number) };
    expect(one.body).toEqual({
      type: 'notices',
      id: one.headers['tidewire-id'],
      notices: [
        { type: 'occupied', ...common, channel: 'chat:"a"', traceparent, tracestate: 'x=y' },
        { type: 'vacated', ...common, channel: 'chat:"a"', traceparent },
        { type: 'occupied', ...common, channel: 'chat:b' },
      ],
    });
    // They come from different traces.
    expect(one.headers.traceparent).toBeUndefined();
    expect(new Set(noticesOf(one).map(({ id }) => id)).size).toBe(3);
    expect(verifyWebhook(one.text, one.headers['tidewire-signature'], { secrets: [secret] })).toBe(true);
    expect(done).toEqual(['occupied ok 1', 'vacated ok 1', 'occupied ok 1']);
  });

  it('in batches that are bounded, one at a time, in order', async () => {
    let atATime = 0;
    let most = 0;
    const { url, received } = await serveApplication(() => (response) => {
      most = Math.max(most, ++atATime);
      setImmediate(() => {
        atATime--;
        response.end();
      });
    });
    const { webhooks } = webhooksTo(url, { notices: { maxBatch: 7 } });
    const wanted: string[] = [];
    for (let i = 0; i < 100; i++) {
      const event = i % 2 === 0 ? 'occupied' : 'vacated';
      wanted.push(`${event} chat:${i >> 2}`);
      webhooks.occupancy(event, `chat:${i >> 2}`);
      if (i % 9 === 0) await new Promise(setImmediate);
    }
    await webhooks.stop();
    expect(namesOf(received)).toEqual(wanted);
    expect(most).toBe(1);
    for (const one of received) expect(noticesOf(one).length).toBeLessThanOrEqual(7);
  });

  it('nothing if it wants to know nothing', async () => {
    const { webhooks, done } = webhooksTo('http://127.0.0.1:1/', { urls: {} });
    webhooks.occupancy('occupied', 'a');
    await webhooks.stop();
    expect(done).toEqual([]);
  });
});

describe('a request that fails', () => {
  it('is made again as it was, and nothing overtakes it', async () => {
    const hangUp: Answer = (_response, request) => request.socket.destroy();
    const { webhooks, received, done } = await telling([500, hangUp]);
    webhooks.occupancy('occupied', 'a');
    await until(() => received.length > 0);
    webhooks.occupancy('vacated', 'a');
    await until(() => received.length === 4);
    await webhooks.stop();
    expect(namesOf(received)).toEqual(['occupied a', 'occupied a', 'occupied a', 'vacated a']);
    const [first, second, third] = received;
    expect(second?.text).toBe(first?.text);
    expect(third?.headers['tidewire-id']).toBe(first?.headers['tidewire-id']);
    expect(received.map(({ headers }) => headers['tidewire-attempt'])).toEqual(['1', '2', '3', '1']);
    expect(done).toEqual(['notices failed 1', 'notices failed 2', 'occupied ok 3', 'vacated ok 1']);
  });

  it('is made again after longer and longer pauses, by chance shorter by up to half', async () => {
    stopClock();
    const { webhooks, received } = await telling(Array(20).fill(503), { notices: { firstDelay: 100, maxDelay: 500 } });
    webhooks.occupancy('occupied', 'a');
    for (const [index, [chance, delay]] of (
      [
        [1, 100],
        [1, 200],
        [0, 200],
        [0.5, 375],
        [1, 500],
      ] as const
    ).entries()) {
      random.mockReturnValue(chance);
      await until(() => received.length === index + 1 && vi.getTimerCount() === 1);
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
    }
    await until(() => received.length === 6);
  });

  it('is made again when the application wants it, within bounds', async () => {
    stopClock();
    const later: Answer = (response) => response.writeHead(429, { 'retry-after': '3' }).end();
    const never: Answer = (response) => response.writeHead(429, { 'retry-after': '999999' }).end();
    const { webhooks, received } = await telling([later, never], { notices: { firstDelay: 100, maxDelay: 5000 } });
    webhooks.occupancy('occupied', 'a');
    for (const [index, delay] of [3000, 5000].entries()) {
      await until(() => received.length === index + 1 && vi.getTimerCount() === 1);
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
    }
    await until(() => received.length === 3);
  });

  it('is given up after so many attempts, and what comes behind it goes on', async () => {
    const { webhooks, received, done, errors } = await telling([500, 500], {
      notices: { maxAttempts: 2, firstDelay: 5 },
    });
    webhooks.occupancy('occupied', 'a');
    await until(() => done.includes('occupied dropped 2'));
    webhooks.occupancy('vacated', 'a');
    await until(() => done.includes('vacated ok 1'));
    expect(namesOf(received)).toEqual(['occupied a', 'occupied a', 'vacated a']);
    expect(errors).toMatchObject([{ message: '1 notices were given up', cause: { message: 'answered with 500' } }]);
  });

  it('is given up before its notices are too old', async () => {
    stopClock();
    const { webhooks, received, done } = await telling(Array(20).fill(500), {
      notices: { firstDelay: 400, maxAge: 1000 },
    });
    webhooks.occupancy('occupied', 'a');
    await until(() => received.length === 1 && vi.getTimerCount() === 1);
    await vi.advanceTimersByTimeAsync(400);
    // The next pause would be one of 800.
    await until(() => done.includes('occupied dropped 2'));
  });

  it('does not let the queue grow: the oldest makes place', async () => {
    const { webhooks, received, done } = await telling([500], {
      notices: { maxQueue: 3, firstDelay: 30, maxBatch: 1 },
    });
    webhooks.occupancy('occupied', 'first');
    await until(() => received.length === 1);
    for (let i = 0; i < 5; i++) webhooks.occupancy('occupied', `${i}`);
    expect(done.filter((one) => one === 'occupied dropped 0').length).toBe(2);
    await until(() => received.length === 5);
    expect(namesOf(received)).toEqual(['occupied first', 'occupied first', 'occupied 2', 'occupied 3', 'occupied 4']);
  });
});

describe('stopping', () => {
  it('sends what waits without waiting for a pause to end', async () => {
    const { webhooks, received, done } = await telling([500], {
      notices: { firstDelay: 60_000 },
    });
    webhooks.occupancy('occupied', 'a');
    await until(() => done.length === 1);
    webhooks.occupancy('vacated', 'a');
    await webhooks.stop();
    expect(namesOf(received)).toEqual(['occupied a', 'occupied a', 'vacated a']);
  });

  it('takes no longer than it may, drops what is left, and takes nothing more', async () => {
    const { webhooks, received, done } = await telling([() => {}]);
    webhooks.occupancy('occupied', 'a');
    await until(() => received.length === 1);
    webhooks.occupancy('vacated', 'a');
    await webhooks.stop(20);
    webhooks.occupancy('occupied', 'a');
    await until(() => done.length === 4);
    expect(done).toEqual(['vacated dropped 0', 'occupied dropped 0', 'notices failed 1', 'occupied dropped 1']);
    expect(received.length).toBe(1);
  });
});

it('a watcher that throws does not stop the notices', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const webhookDone = () => {
    throw new Error('broken watcher');
  };
  const { webhooks, received } = await telling([500], { observer: { webhookDone } });
  webhooks.occupancy('occupied', 'a');
  await until(() => received.length === 2);
  webhooks.occupancy('vacated', 'a');
  await until(() => received.length === 3);
  await webhooks.stop();
  expect(warned).toHaveBeenCalled();
  warned.mockRestore();
});
