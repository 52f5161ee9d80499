import { describe, expect, it } from 'vitest';
import { serve } from '../support/serving.ts';
import { ask, codeOf, opening, openingPath, TunnelPeer } from '../support/tunnel-peer.ts';

const APP = 'https://app.example';
const EVIL = 'https://evil.example';

const open = (port: number, origin: string) =>
  ask(port, openingPath('/'), { headers: { Origin: origin }, body: opening() });

const preflight = (port: number, path: string, headers: Record<string, string>) =>
  ask(port, path, { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST', ...headers } });

const readableBy = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  vary: 'Origin',
});

describe('a page of another host', () => {
  it('is refused, and may not even read why', async () => {
    const { port } = await serve({});
    const response = await open(port, EVIL);
    expect([response.status, codeOf(response)]).toEqual([403, 'FOREIGN_ORIGIN']);
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('that is allowed may read the answer', async () => {
    const { port } = await serve({ origin: [APP] });
    expect((await TunnelPeer.open(port, '/', [], APP)).headers).toMatchObject(readableBy(APP));
  });

  it('that is allowed may read why the application refuses it', async () => {
    const { port } = await serve({ origin: [APP], upgrade: (request) => request.reject(401, { body: 'Log in' }) });
    const { status, headers, body } = await open(port, APP);
    expect([status, body.toString()]).toEqual([401, 'Log in']);
    expect(headers).toMatchObject(readableBy(APP));
  });

  it('is asked about where a function decides', async () => {
    const { port } = await serve({ origin: async (origin) => origin === APP });
    expect([(await open(port, APP)).status, (await open(port, EVIL)).status]).toEqual([200, 403]);
  });
});

describe('a browser that asks first', () => {
  it.each([
    ['of the host itself', {}, (port: number) => `http://127.0.0.1:${port}`],
    ['that is allowed', { origin: [APP] }, () => APP],
    ['that a function will decide on', { origin: () => false }, () => APP],
  ])('may send a POST for a page %s', async (_, options, originOf) => {
    const { port, endpoint } = await serve(options);
    const origin = originOf(port);
    const { status, headers, body } = await preflight(port, openingPath('/'), { Origin: origin });
    expect([status, body.length, endpoint.connectionCount]).toEqual([204, 0, 0]);
    expect(headers).toMatchObject({
      ...readableBy(origin),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type',
    });
  });

  it('may not for a page of another host', async () => {
    const { port } = await serve({ origin: [APP] });
    const response = await preflight(port, openingPath('/'), { Origin: EVIL });
    expect([response.status, codeOf(response)]).toEqual([403, 'FOREIGN_ORIGIN']);
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('may for the page that has opened the session, and for no other', async () => {
    const { port } = await serve({ origin: [APP, EVIL] });
    const [peer, none] = [await TunnelPeer.open(port, '/', [], APP), await TunnelPeer.open(port)];
    expect((await preflight(port, peer.path, { Origin: APP })).headers).toMatchObject(readableBy(APP));
    expect((await preflight(port, peer.path, { Origin: EVIL })).status).toBe(403);
    expect((await preflight(port, none.path, { Origin: APP })).status).toBe(403);
    expect((await preflight(port, '/?tidewire-tunnel=0', { Origin: APP })).status).toBe(204);
  });

  it('asks as browsers do, or gets 405', async () => {
    const { port } = await serve({});
    const response = await ask(port, openingPath('/'), { method: 'OPTIONS', headers: { Origin: APP } });
    expect([response.status, codeOf(response), response.headers.allow]).toEqual([405, 'METHOD', 'POST']);
  });
});
