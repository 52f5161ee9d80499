import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { inspect, listen } from './support/inspecting.ts';

test('Socket.IO works through it: polling first, then its upgrade, compressed', async () => {
  const http = createServer();
  const server = new Server(http, { perMessageDeflate: { threshold: 0 } });
  server.on('connection', (socket) => {
    socket.on('ask', (text: string, answer: (text: string) => void) => answer(`${text}?`));
  });
  onTestFinished(() => void server.close());
  const { url, inspector } = await inspect(`ws://127.0.0.1:${await listen(http)}`);
  const client = io(url.replace('ws:', 'http:'), { forceNew: true });
  onTestFinished(() => void client.close());
  await new Promise<void>((resolve) => client.on('connect', () => resolve()));
  expect(await client.emitWithAck('ask', 'tide')).toBe('tide?');
  const { engine } = client.io;
  if (engine.transport.name !== 'websocket') await new Promise((resolve) => engine.once('upgrade', resolve));
  expect(await client.emitWithAck('ask', 'and now')).toBe('and now?');
  const texts = [...inspector.recorder.messages()].map(({ data }) => data);
  expect(texts).toContain('2probe');
  expect(texts).toContain('3probe');
  expect(texts.some((text) => String(text).includes('["ask","and now"]'))).toBe(true);
});
