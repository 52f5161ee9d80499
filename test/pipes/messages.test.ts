import { describe, expect, it } from 'vitest';
import { frame, Opcode } from '../../packages/server/test/support/raw-peer.ts';
import { carriers } from './carriers.ts';
import { connectTo } from './support/connected.ts';

const MiB = 1024 * 1024;

/** Every length that has a header of its own, and what no buffer holds at once. */
const texts = ['', 'x', 'ä€𝄞', 'y'.repeat(125), 'z'.repeat(126), 'ö'.repeat(40_000), 'w'.repeat(MiB), 'last'];
const binaries = [0, 1, 125, 126, 65_535, 65_536, MiB, 3].map((size) => new Uint8Array(size).fill(size % 251));
const mixed = texts.flatMap((text, i) => [text, binaries[i] ?? '']);

const plain = (messages: readonly (string | Uint8Array)[]) =>
  messages.map((message) => (typeof message === 'string' ? message : Uint8Array.from(message)));

/** Compares what may be large without printing it. */
function expectSame(got: readonly (string | Uint8Array)[], sent: readonly (string | Uint8Array)[]): void {
  expect(got.map(describeMessage)).toEqual(sent.map(describeMessage));
  expect(plain(got).every((message, i) => Buffer.from(message).equals(Buffer.from(sent[i] ?? '')))).toBe(true);
}

const describeMessage = (message: string | Uint8Array) => `${typeof message} of ${message.length}`;

describe.each(carriers)('messages over $name', (carrier) => {
  it('arrive at the server as they were sent, text and binary of any size, in order', async () => {
    const { client, server } = await connectTo(carrier);
    for (const message of mixed) client.send(message);
    expectSame(await server.messages.until(mixed.length), mixed);
  });

  it('arrive at the client as they were sent, text and binary of any size, in order', async () => {
    const { client, server } = await connectTo(carrier);
    for (const message of mixed) server.socket.send(message);
    expectSame(await client.messages.until(mixed.length), mixed);
  });

  it('pass each other', async () => {
    const { client, server } = await connectTo(carrier);
    for (const message of mixed) {
      client.send(message);
      server.socket.send(message);
    }
    expectSame(await client.messages.until(mixed.length), mixed);
    expectSame(await server.messages.until(mixed.length), mixed);
  });

  it('arrive in order when a turn sends thousands of them', async () => {
    const { client, server } = await connectTo(carrier);
    const many = Array.from({ length: 5000 }, (_, i) => `message ${i}`);
    for (const message of many) {
      client.send(message);
      server.socket.send(message);
    }
    expect(await server.messages.until(many.length)).toEqual(many);
    expect(await client.messages.until(many.length)).toEqual(many);
  });

  it('that the server sends in fragments arrive whole, and hold back others but no Ping', async () => {
    const { client, server } = await connectTo(carrier);
    const writer = server.socket.startMessage('text');
    writer.write('one ');
    server.socket.send('behind it');
    client.ping('between');
    expect(await client.pongs.next()).toBe('between');
    writer.write('two ');
    client.ping('again');
    expect(await client.pongs.next()).toBe('again');
    expect(client.messages.all).toEqual([]);
    writer.end('three');
    expect(await client.messages.until(2)).toEqual(['one two three', 'behind it']);
  });

  it('that a client sends in fragments arrive whole, with a Ping in between', async () => {
    const { peer, server } = await connectTo.byHand(carrier);
    peer.send(frame(Opcode.TEXT, 'one ', { fin: false }));
    peer.send(frame(Opcode.PING, 'between'));
    expect(String((await peer.frame()).payload)).toBe('between');
    peer.send(frame(Opcode.CONTINUATION, 'two ', { fin: false }));
    peer.send(frame(Opcode.CONTINUATION, 'three'));
    expect(await server.messages.next()).toBe('one two three');
  });

  it('that are cut into single bytes on the way arrive whole', async () => {
    const { peer, server } = await connectTo.byHand(carrier);
    for (const byte of Buffer.concat([frame(Opcode.TEXT, 'ä€𝄞'), frame(Opcode.BINARY, Buffer.alloc(3, 7))])) {
      peer.send(Uint8Array.of(byte));
    }
    expect(plain(await server.messages.until(2))).toEqual(['ä€𝄞', Uint8Array.of(7, 7, 7)]);
  });

  it('are compressed both ways where that is negotiated', async () => {
    const { client, server, network } = await connectTo(carrier, { deflate: true }, { deflate: { threshold: 64 } });
    expect([client.isCompressed, server.socket.deflate !== undefined]).toEqual(new Array(2).fill(carrier.compresses));
    const before = network.bytes;
    for (const message of mixed) {
      client.send(message);
      server.socket.send(message);
    }
    expectSame(await client.messages.until(mixed.length), mixed);
    expectSame(await server.messages.until(mixed.length), mixed);
    const size = 2 * mixed.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
    if (carrier.compresses) expect(network.bytes - before).toBeLessThan(size / 20);
    else expect(network.bytes - before).toBeGreaterThan(size);
  });

  it('are of the subprotocol that both sides know', async () => {
    const { client, server } = await connectTo(
      carrier,
      { subprotocols: ['unknown', 'two', 'one'] },
      { subprotocols: ['one', 'two'] },
    );
    expect([client.subprotocol, server.socket.subprotocol]).toEqual(['one', 'one']);
  });

  it('have Pings and Pongs between them, both ways', async () => {
    const { client, server } = await connectTo(carrier);
    client.ping('from the client');
    server.socket.ping('from the server');
    expect(await client.pongs.next()).toBe('from the client');
    expect(await server.pings.next()).toBe('from the client');
    expect(await server.pongs.next()).toBe('from the server');
  });
});
