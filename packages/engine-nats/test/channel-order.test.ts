import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChannelOrder } from '../src/channel-order.ts';

const channel = 'room';

describe('the order of a channel', () => {
  let told: string[];
  let order: ChannelOrder;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    order = new ChannelOrder({
      stored: (_channel, { data }, _position, previous) => told.push(`${previous}>${data}`),
      direct: (_channel, event) => told.push(event),
      missed: (_channel, { offset }) => told.push(`missed ${offset}`),
    });
  });

  afterEach(() => {
    order.close();
    vi.useRealTimers();
  });

  const take = (offset: number, previous = offset - 1, epoch = 'e') =>
    order.takeStored(channel, {
      epoch,
      offset,
      previous,
      publication: offset === 0 ? undefined : { data: `${offset}`, time: 0 },
      standing: undefined,
    });
  const clear = (offset: number, standing: number) =>
    order.takeStored(channel, { epoch: 'e', offset, previous: offset - 1, publication: undefined, standing });

  it('is that in which the server has stored, whatever comes first', () => {
    for (const offset of [0, 2, 4, 3, 1, 5]) take(offset, Math.max(0, offset - 1));
    expect(told).toEqual(['0>1', '1>2', '2>3', '3>4', '4>5']);
    vi.runAllTimers();
    expect(told).toHaveLength(5);
  });

  it('has each event once', () => {
    for (const offset of [1, 1, 3, 3, 2, 3, 2]) take(offset);
    expect(told).toEqual(['0>1', '1>2', '2>3']);
  });

  it('goes on behind a gap after a moment, and says so', () => {
    take(1);
    take(4);
    take(3);
    vi.advanceTimersByTime(199);
    expect(told).toEqual(['0>1']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['0>1', '2>3', '3>4']);
    take(2);
    take(5);
    expect(told).toEqual(['0>1', '2>3', '3>4', '4>5']);
  });

  it('begins with what comes in its first moment', () => {
    take(8);
    take(7);
    vi.advanceTimersByTime(20);
    take(9);
    expect(told).toEqual(['6>7', '7>8', '8>9']);
  });

  it('begins where somebody has asked, and does not wait then', () => {
    order.begin(channel, { epoch: 'e', offset: 6 }, 6);
    take(7);
    order.begin(channel, { epoch: 'e', offset: 9 }, 9);
    take(8);
    expect(told).toEqual(['6>7', '7>8']);
  });

  it('takes a clearance for what it has removed', () => {
    take(1);
    clear(2, 1);
    take(3);
    order.forget(channel);
    order.begin(channel, { epoch: 'e', offset: 5 }, 3);
    take(6);
    take(7);
    expect(told).toEqual(['0>1', '1>3', '3>6', '6>7']);
  });

  it('begins again with another epoch', () => {
    take(5, 0);
    take(0, 0, 'f');
    take(1, 0, 'f');
    expect(told).toEqual(['0>5', '0>1']);
  });

  it('has signals behind the publications that their sender had seen stored', () => {
    take(1);
    order.takeDirect(channel, 'a', undefined);
    order.takeDirect(channel, 'b', { epoch: 'e', offset: 2 });
    order.takeDirect(channel, 'c', undefined);
    take(3);
    take(2);
    expect(told).toEqual(['0>1', 'a', '1>2', '2>3', 'b', 'c']);
  });

  it('has a signal without the publication that does not come, and says that it is missing', () => {
    take(1);
    order.takeDirect(channel, 'a', { epoch: 'e', offset: 2 });
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(['0>1', 'missed 2', 'a']);
  });

  it('tells what it holds when it begins anew, and nothing of a channel that is forgotten', () => {
    take(1);
    take(3);
    order.takeDirect(channel, 'a', { epoch: 'e', offset: 9 });
    order.restart();
    expect(told).toEqual(['0>1', '2>3', 'a']);
    expect(order.isMissing(channel, { epoch: 'e', offset: 9 })).toBeUndefined();
    take(7);
    order.forget(channel);
    vi.runAllTimers();
    expect(told).toHaveLength(3);
  });

  it('says what is missing', () => {
    take(2, 0);
    const missing = [1, 2, 3].map((offset) => order.isMissing(channel, { epoch: 'e', offset }));
    expect(missing).toEqual([false, false, true]);
    expect(order.isMissing(channel, { epoch: 'f', offset: 1 })).toBe(true);
    expect(order.isMissing('another', { epoch: 'e', offset: 1 })).toBeUndefined();
  });
});
