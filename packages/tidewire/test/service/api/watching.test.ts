import { createPermissions } from '@tidewire/hub';
import { startService } from 'tidewire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { subscribe, visit } from '../../../../hub/test/support/visiting.ts';
import { Peer } from '../../support.ts';
import { KEY, problem, serve } from './support.ts';

describe('connections', () => {
  test('are listed a page at a time, and one of them is shown with its channels', async () => {
    const hooks = { connect: () => ({ user: 'ann', connectionInfo: '{"phone":true}' }) };
    const { hub, post } = await serve({ hub: { permissions: createPermissions({ hooks }) } });
    const visits = [await visit(hub), await visit(hub), await visit(hub)];
    const [first] = visits;
    if (first === undefined) throw new Error('nobody is here');
    await subscribe(first, 'lobby');
    const page = await post('connections', { user: 'ann', limit: 2 });
    expect(page).toMatchObject({ status: 200, body: { total: 3, silent: [], next: expect.any(String) } });
    const rest = await post('connections', { user: 'ann', limit: 2, after: Object(page.body).next });
    const both = [page, rest].flatMap(({ body }) => Object(body).connections);
    expect(both.map(({ client }) => client).sort()).toEqual(visits.map(({ client }) => client.id).sort());
    expect((await post('connections', { channel: 'lobby' })).body).toMatchObject({
      connections: [{ client: first.client.id, node: hub.node, transport: 'test', channels: 1, isSlow: false }],
    });
    expect((await post('connection', { client: first.client.id })).body).toMatchObject({
      connection: { connectionInfo: { phone: true }, subscriptions: [{ channel: 'lobby' }] },
    });
    expect((await post('connection', { client: 'nobody' })).body).toEqual({});
  });

  test('are not asked for with what makes no sense, nor with a key for channels alone', async () => {
    const { post } = await serve({ keys: [{ name: 'a', key: KEY, namespaces: ['chat'] }] });
    for (const body of [{ limit: 0 }, { limit: 1001 }, { after: 'x' }, { isSlow: 'yes' }]) {
      const pointer = `#/${Object.keys(body)[0]}`;
      expect(await post('connections', body)).toMatchObject(
        problem('invalid-request', 400, { errors: [{ pointer, detail: expect.any(String) }] }),
      );
    }
    for (const operation of ['connections', 'stats']) {
      expect(await post(operation)).toMatchObject(problem('forbidden', 403));
    }
    expect(await post('disconnect', { client: 'a' })).toMatchObject(problem('forbidden', 403));
    expect(await post('unsubscribe', { client: 'a', channel: 'chat:a' })).toMatchObject({ body: { isFound: false } });
  });

  test('end, or leave a channel, by their names alone', async () => {
    const { hub, post } = await serve();
    const [one, other] = [await visit(hub), await visit(hub)];
    await subscribe(one, 'lobby');
    const { id: client } = one.client;
    expect((await post('unsubscribe', { client, channel: 'lobby' })).body).toEqual({ isFound: true });
    expect(one.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'lobby' }]);
    expect((await post('disconnect', { client, code: 4500, reason: 'enough' })).body).toEqual({ isFound: true });
    expect(one.outlet.disconnect).toEqual({ code: 4500, reason: 'enough' });
    expect((await post('disconnect', { client })).body).toEqual({ isFound: false });
    expect(other.outlet.disconnect).toBeUndefined();
    for (const body of [{}, { code: 4500 }, { client, except: [] }]) {
      expect(await post('disconnect', body)).toMatchObject(problem('invalid-request', 400));
    }
  });
});

test('channels come a page at a time where that is asked for', async () => {
  const { hub, post } = await serve();
  const reader = await visit(hub);
  for (const name of ['chat:c', 'chat:a', 'chat:b']) await subscribe(reader, name);
  const first = await post('channels', { pattern: 'chat:*', limit: 2 });
  expect(first.body).toEqual({
    channels: { 'chat:a': { subscribers: 1 }, 'chat:b': { subscribers: 1 } },
    next: 'chat:b',
    silent: [],
  });
  const second = await post('channels', { pattern: 'chat:*', limit: 2, after: 'chat:b' });
  expect(second.body).toEqual({ channels: { 'chat:c': { subscribers: 1 } }, silent: [] });
  expect(await post('channels', { after: 'a' })).toMatchObject(problem('invalid-request', 400));
});

describe('stats', () => {
  test('tell what a service measures, in numbers that grow with what happens', async () => {
    const api = { keys: [{ name: 'backend', key: KEY }] };
    const hub = { namespaces: { chat: { subscribe: 'everyone', history: { size: 10, ttl: 60_000 } } } } as const;
    const service = await startService({ port: 0, hub, api });
    onTestFinished(() => service.stop(0));
    const post = async (operation: string, body: object = {}) => {
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return Object(await (await fetch(`http://127.0.0.1:${service.port}/api/${operation}`, init)).json());
    };
    const peer = await Peer.open(`ws://127.0.0.1:${service.port}/connection/lines?token=`);
    peer.socket.send('{"subscribe":"chat:a"}');
    await peer.next();
    await peer.next();
    await post('publish', { channel: 'chat:a', data: { text: 'Hello' } });
    await peer.next();
    const { nodes, silent } = await post('stats');
    expect(silent).toEqual([]);
    expect(nodes).toHaveLength(1);
    const [{ state, connections, channels, slow, figures }] = nodes;
    expect({ state, connections, channels, slow }).toEqual({ state: 'ready', connections: 1, channels: 1, slow: 0 });
    const { totals, latencies, engine, process: ofProcess, network } = figures;
    expect(totals).toMatchObject({
      opened: 1,
      closed: 0,
      publications: 1,
      publicationBytes: 16,
      deliveries: 1,
      bursts: 1,
      slowDropped: 0,
      errors: 0,
    });
    expect(totals.commands).toBeGreaterThanOrEqual(2);
    expect(totals.received).toBeGreaterThan(0);
    expect(totals.sent).toBeGreaterThan(0);
    expect(engine).toEqual({ name: 'memory', isUp: true });
    const { bounds, counts, sum } = latencies.delivery;
    expect(counts).toHaveLength(bounds.length + 1);
    expect(counts.reduce((all: number, count: number) => all + count, 0)).toBe(1);
    expect(sum).toBeGreaterThan(0);
    expect(ofProcess.memory).toBeGreaterThan(1_000_000);
    expect(network.connections).toBeGreaterThan(0);
  });

  test('tell the state of nodes that measure nothing', async () => {
    const { hub, post } = await serve();
    const { status, body } = await post('stats');
    expect(status).toBe(200);
    const [node] = Object(body).nodes;
    expect(node).toMatchObject({ id: hub.node, name: 'one', state: 'ready' });
    expect(node).not.toHaveProperty('figures');
  });

  test('leave out what a node of another version measures', async () => {
    const { post } = await serve({ hub: { figures: () => ({ time: 1, more: 'than is known here' }) } });
    const { status, body } = await post('stats');
    expect(status).toBe(200);
    expect(Object(body).nodes[0]).not.toHaveProperty('figures');
  });
});
