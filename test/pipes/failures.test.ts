import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode } from '../../packages/server/test/support/raw-peer.ts';
import { carriers } from './carriers.ts';
import { connectTo } from './support/connected.ts';

const abnormal = { code: 1006, reason: '', wasClean: false };

/** What is still under way has come after so many turns. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

const violations: readonly { name: string; bytes: Uint8Array; code: number; failure: string }[] = [
  {
    name: 'a frame without a mask',
    bytes: frame(Opcode.TEXT, 'x', { masked: false }),
    code: 1002,
    failure: 'NOT_MASKED',
  },
  { name: 'a reserved opcode', bytes: frame(3, 'x'), code: 1002, failure: 'RESERVED_OPCODE' },
  {
    name: 'a Ping in fragments',
    bytes: frame(Opcode.PING, 'x', { fin: false }),
    code: 1002,
    failure: 'CONTROL_FRAGMENTED',
  },
  {
    name: 'text that is no UTF-8',
    bytes: frame(Opcode.TEXT, Uint8Array.of(0xc3, 0x28)),
    code: 1007,
    failure: 'INVALID_UTF8',
  },
  { name: 'a Close with a reserved code', bytes: closeFrame(1005), code: 1002, failure: 'CLOSE_CODE' },
];

describe.each(carriers)('a connection over $name', (carrier) => {
  it('whose carrier is cut ends with 1006 on both sides, and nothing comes after', async () => {
    const { client, server, network, endpoint } = await connectTo(carrier, {}, { tunnel: { graceTime: 1000 } });
    client.send('before');
    await server.messages.next();
    network.cut();
    expect(await client.closed).toMatchObject({ ...abnormal, failure: 'CONNECTION_LOST' });
    expect(await server.closed).toMatchObject(abnormal);
    client.send('after');
    expect(server.socket.send('after')).toBe('closed');
    await turns();
    expect(server.events).toEqual(['open', 'message', 'close']);
    expect(client.events).toEqual(['open', 'close']);
    expect(endpoint.connectionCount).toBe(0);
  });

  it('that the server drops ends with 1006 on both sides', async () => {
    const { client, server } = await connectTo(carrier);
    server.socket.terminate();
    client.send('late');
    expect(await client.closed).toMatchObject({ ...abnormal, failure: 'CONNECTION_LOST' });
    expect(await server.closed).toEqual({ ...abnormal, failure: undefined });
    await turns();
    expect([server.events, client.events]).toEqual(new Array(2).fill(['open', 'close']));
  });

  it('that the client drops ends with 1006 on both sides', async () => {
    const { client, server, endpoint } = await connectTo(carrier);
    client.terminate();
    expect(await client.closed).toMatchObject(abnormal);
    expect(await server.closed).toMatchObject(abnormal);
    await turns();
    expect([server.events, client.events]).toEqual(new Array(2).fill(['open', 'close']));
    expect(endpoint.connectionCount).toBe(0);
  });

  it('that is ended without a Close frame ends with 1006', async () => {
    const { peer, server } = await connectTo.byHand(carrier);
    peer.send(frame(Opcode.TEXT, 'before'));
    peer.socket.end();
    expect(await server.closed).toEqual({ ...abnormal, failure: undefined });
    expect(server.events).toEqual(['open', 'message', 'close']);
  });

  it.each(violations)('fails with $code over $name', async ({ bytes, code, failure }) => {
    const { peer, server } = await connectTo.byHand(carrier);
    peer.send(frame(Opcode.TEXT, 'before'), bytes, frame(Opcode.TEXT, 'after'));
    expect(await peer.closeCode()).toBe(code);
    // Nothing follows, and the server ends first.
    expect((await peer.rest()).length).toBe(0);
    peer.socket.end();
    expect(await server.closed).toMatchObject({ code, wasClean: false, failure });
    expect(server.messages.all).toEqual(['before']);
  });

  it('fails with 1009 over a message that is larger than the server takes', async () => {
    const { client, server } = await connectTo(carrier, {}, { limits: { maxMessageSize: 1000 } });
    client.send('x'.repeat(1000));
    client.send('x'.repeat(1001));
    expect(await client.closed).toMatchObject({ code: 1009, wasClean: true });
    expect(await server.closed).toMatchObject({ code: 1009, failure: 'MESSAGE_TOO_BIG' });
    expect(server.messages.all).toEqual(['x'.repeat(1000)]);
  });

  it('fails with 1009 over a message that is larger than the client takes', async () => {
    const { client, server } = await connectTo(carrier, { limits: { maxMessageSize: 1000 } });
    server.socket.send('x'.repeat(1000));
    server.socket.send('x'.repeat(1001));
    expect(await client.closed).toMatchObject({ ...abnormal, failure: 'MESSAGE_TOO_BIG' });
    expect(await server.closed).toMatchObject({ code: 1009, wasClean: true });
    expect(client.messages.all).toEqual(['x'.repeat(1000)]);
  });

  it('that fails leaves the others of its endpoint alone', async () => {
    const { peer, server, place, accepted } = await connectTo.byHand(carrier);
    const client = await place.connect();
    const other = await accepted();
    peer.send(frame(Opcode.TEXT, 'x', { masked: false }));
    await peer.rest();
    peer.socket.end();
    await server.closed;
    client.send('still here');
    expect(await other.messages.next()).toBe('still here');
  });
});
