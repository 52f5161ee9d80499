import type { Transport } from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';
import { Client, hello, proof } from './client-support.ts';
import { ack, data, done } from './support.ts';

describe('a stream', () => {
  it('is asked for first, and stays once it is proven', () => {
    const client = new Client();
    expect([client.last.mode, client.last.number, client.session.way]).toEqual(['STREAM', 1, 'PROBING']);
    client.brings(client.last, hello, ack(0), proof);
    client.brings(client.last, done);
    client.session.completed(client.last.id);
    expect([client.session.way, client.last.number]).toEqual(['STREAMING', 1]);
    client.pass(200);
    expect(client.last.number).toBe(2);
  });

  it('that is not proven within 3 seconds is given up for polling, at once', () => {
    const client = new Client();
    client.brings(client.last, hello, ack(0));
    client.pass(2999);
    expect(client.session.way).toBe('PROBING');
    client.pass(1);
    expect([client.session.way, client.last.mode, client.owner.aborted]).toEqual(['POLLING', 'WAIT', [1]]);
  });

  it('that lasts no longer than that is given up before its end: what is held back comes whole, with its proof', () => {
    const client = new Client({}, { streamTime: 2000 });
    client.brings(client.last, hello, ack(0));
    client.pass(1499);
    expect(client.session.way).toBe('PROBING');
    client.pass(1);
    expect(client.session.way).toBe('POLLING');
  });

  it('that is cut twice before it is proven is given up, too', () => {
    const client = new Client();
    for (const way of ['PROBING', 'POLLING']) {
      client.brings(client.last, hello, ack(0));
      client.session.failed(client.last.id);
      client.pass(200);
      expect(client.session.way).toBe(way);
    }
  });

  it('that cannot be asked for is tried again and again: the network is down', () => {
    const client = new Client();
    for (let i = 0; i < 5; i++) {
      client.session.failed(client.last.id);
      client.pass(client.owner.due - client.clock.time);
    }
    expect([client.session.way, client.owner.made.length]).toEqual(['PROBING', 6]);
  });

  it('that falls silent twice is given up; one whole answer in between forgives', () => {
    const { client } = Client.streaming({}, { heartbeatInterval: 1000 });
    const stall = () => {
      client.brings(client.last, hello, ack(0), proof);
      client.pass(2000);
      client.pass(200);
    };
    client.pass(2200);
    expect([client.session.way, client.last.mode]).toEqual(['STREAMING', 'STREAM']);
    client.answers(client.last, data(0, 1));
    stall();
    expect(client.session.way).toBe('STREAMING');
    stall();
    expect([client.session.way, client.last.mode]).toEqual(['POLLING', 'WAIT']);
  });

  it('lives as long as anything comes', () => {
    const { client, stream } = Client.streaming({}, { heartbeatInterval: 1000 });
    for (let i = 0; i < 10; i++) {
      client.pass(1900);
      client.brings(stream, { type: 'ALIVE' });
    }
    expect(client.last).toBe(stream);
  });

  it('is tried again after 5 minutes, and then after 10', () => {
    const client = new Client();
    const failToStream = () => {
      expect(client.session.way).toBe('PROBING');
      client.pass(3000);
      expect(client.session.way).toBe('POLLING');
    };
    const pollFor = (time: number) => {
      for (let past = 0; past < time; past += 20_000) {
        expect(client.session.way).toBe('POLLING');
        client.pass(20_000);
        client.answers(client.last);
      }
    };
    failToStream();
    pollFor(300_000);
    failToStream();
    pollFor(600_000);
    failToStream();
  });
});

describe('polling', () => {
  it('asks for the next as soon as one is answered', () => {
    const client = new Client({ transports: ['poll'] });
    client.pass(2000);
    client.answers(client.last);
    client.answers(client.last, data(0, 1));
    expect(client.owner.made.map(({ mode, number }) => [mode, number])).toEqual([
      ['WAIT', 1],
      ['WAIT', 2],
      ['WAIT', 3],
    ]);
  });

  it('waits a moment after an answer that said nothing though it could have been held', () => {
    const client = new Client({ transports: ['poll'] });
    client.answers(client.last);
    client.pass(199);
    expect(client.owner.made).toHaveLength(1);
    client.pass(1);
    expect(client.owner.made).toHaveLength(2);
  });

  it('gives way to asking in intervals when three requests in a row are cut after a second or more', () => {
    const client = new Client({ transports: ['poll', 'interval'] });
    for (const way of ['POLLING', 'POLLING', 'INTERVAL']) {
      client.pass(1000);
      client.session.failed(client.last.id);
      client.pass(800);
      expect(client.session.way).toBe(way);
    }
    expect(client.last.mode).toBe('TAKE');
  });

  it('counts a request as lost 10 seconds after it should have been answered', () => {
    const client = new Client({ transports: ['poll'] }, { pollTime: 5000 });
    client.pass(14_999);
    expect(client.owner.aborted).toEqual([]);
    client.pass(1);
    expect(client.owner.aborted).toEqual([1]);
  });
});

describe('asking in intervals', () => {
  it('asks again after the interval, and at once after an answer that brought something', () => {
    const client = new Client({ transports: ['interval'] }, { pollInterval: 700 });
    client.answers(client.last, data(0, 1));
    expect(client.owner.made).toHaveLength(2);
    client.answers(client.last);
    client.pass(699);
    expect(client.owner.made).toHaveLength(2);
    client.pass(1);
    expect(client.owner.made).toHaveLength(3);
  });

  it('carries what is written in the same requests, at once', () => {
    const client = new Client({ transports: ['interval'] });
    client.answers(client.last, ack(0));
    client.session.write(Uint8Array.of(7));
    expect([client.last.mode, client.last.data]).toEqual(['TAKE', [7]]);
    client.session.write(Uint8Array.of(8));
    expect(client.owner.made).toHaveLength(2);
    client.answers(client.last, ack(1));
    expect(client.last.data).toEqual([8]);
  });

  it('sends again what the server did not take, after a while', () => {
    const client = new Client({ transports: ['interval'] });
    client.answers(client.last, ack(0));
    client.session.write(Uint8Array.of(7));
    client.answers(client.last, ack(0));
    expect(client.owner.made).toHaveLength(2);
    client.pass(200);
    expect(client.last.data).toEqual([7]);
  });
});

describe('another network', () => {
  it('begins with a stream again, at once, and drops the requests on the old one', () => {
    const client = new Client();
    client.pass(3000);
    client.answers(client.last, ack(0), data(0, 1));
    client.session.write(Uint8Array.of(1));
    expect(client.take()).toEqual(['STREAM', 'WAIT', 'WAIT', 'SEND']);
    client.session.networkChanged();
    expect(client.owner.aborted).toEqual([1, 3, 4]);
    expect(client.owner.made.slice(1).map(({ mode, data: bytes }) => [mode, bytes])).toEqual([
      ['STREAM', []],
      ['SEND', [1]],
    ]);
  });
});

describe('the options', () => {
  it.each<{ window?: number; transports?: Transport[] }>([
    { window: 16_383 },
    { window: Number.NaN },
    { transports: [] },
  ])('%o are refused by name', (options) => {
    expect(() => new Client(options)).toThrow(/^(?:window|transports) must/);
  });
});
