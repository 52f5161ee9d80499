import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket } from '@tidewire/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { Control } from '../../src/race/control.ts';

it('settings that are made before the server has welcomed the page are those that the race begins with', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  vi.stubGlobal('WebSocket', WebSocket);
  vi.stubGlobal('location', { protocol: 'http:', host: `127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const control = new Control({ welcome: () => control.start(), tally() {}, ended() {} });
  onTestFinished(() => control.close());
  control.set({ rate: 4, delay: 0 });
  const [peer] = await once(server, 'connection');
  const said: unknown[] = [];
  peer.on('message', (data: Buffer) => said.push(JSON.parse(data.toString())));
  control.set({ rate: 50, delay: 10 });
  peer.send(JSON.stringify({ type: 'welcome', run: 'x', seconds: 300 }));
  while (said.length < 3) await once(peer, 'message');
  expect(said[0]).toEqual({ type: 'settings', rate: 50, delay: 10 });
  expect(said).toContainEqual({ type: 'start' });
});
