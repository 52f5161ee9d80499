// What the inspector is pictured with: a server that speaks several protocols, its clients, and `tidewire inspect` between them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { WebSocket } from '@tidewire/client';
import { WebSocketEndpoint } from '@tidewire/server';

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));
const names = ['Ada', 'Grace', 'Linus', 'Margaret'];

/** Between two things that happen, in milliseconds. */
const BEAT = 170;

/** @typedef {{ send(data: string | Uint8Array): unknown }} Peer */

/** How each path answers. @type {Record<string, { subprotocols?: string[], message(peer: Peer, text: string): void }>} */
const endpoints = {
  '/socket.io/': {
    message(peer, text) {
      if (text === '40') peer.send('40{"sid":"wZX3oN0bSVIhsaknAAAI"}');
      else peer.send(text.replace('Tide is', 'Noted: tide'));
    },
  },
  '/stomp': {
    subprotocols: ['v12.stomp'],
    message(peer, text) {
      if (text.startsWith('CONNECT')) peer.send('CONNECTED\nversion:1.2\n\n\0');
      if (text.startsWith('SEND')) {
        peer.send(`MESSAGE\nsubscription:0\nmessage-id:${Date.now() % 10_000}\n${text.slice(5)}`);
      }
    },
  },
  '/connection/websocket': {
    message(peer, text) {
      const { id, connect, subscribe, publish } = JSON.parse(text);
      if (connect !== undefined)
        peer.send(JSON.stringify({ id, connect: { client: '0f2c', version: '1.0', ping: 25 } }));
      if (subscribe !== undefined) peer.send(JSON.stringify({ id, subscribe: { recoverable: true, offset: 14 } }));
      if (publish === undefined) return;
      peer.send(JSON.stringify({ id, publish: {} }));
      peer.send(JSON.stringify({ push: { channel: publish.channel, pub: { data: publish.data, offset: id + 14 } } }));
    },
  },
  '/harbour': { message: (peer, text) => peer.send(JSON.stringify({ type: 'ack', of: JSON.parse(text).n })) },
};

/** Begins it all, and returns where the page is. */
export async function openHarbour() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const [path, { subprotocols, message }] of Object.entries(endpoints)) {
    new WebSocketEndpoint({ subprotocols, message: (socket, data) => message(socket, String(data)) }).attach(server, {
      path,
    });
  }
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const child = spawn(process.execPath, [cli, 'inspect', `ws://localhost:${port}`, '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  while (!/#key=\S+\n/.test(output)) output += String(await once(child.stdout, 'data'));
  child.stdout.resume();
  const [listens = '', page = ''] = output.match(/\b(?:ws|http):\/\/\S+\d(?:\/console\S+)?$/gm)?.slice(-2) ?? [];
  const stop = await converse(listens);
  return {
    page,
    async stop() {
      stop();
      child.kill();
      await once(child, 'exit');
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {string} base */
async function converse(base) {
  const open = async (/** @type {string} */ path, /** @type {string[]} */ protocols = []) => {
    const socket = new WebSocket(base + path, protocols);
    await once(socket, 'open');
    return socket;
  };
  const socketIo = await open('/socket.io/?EIO=4&transport=websocket');
  const stomp = await open('/stomp', ['v12.stomp']);
  const centrifugo = await open('/connection/websocket');
  const harbour = await open('/harbour?pier=7');
  const brief = await open('/harbour?pier=2');
  socketIo.send('40');
  stomp.send('CONNECT\naccept-version:1.2\nhost:localhost\n\n\0');
  centrifugo.send('{"id":1,"connect":{"name":"js"}}');
  centrifugo.send('{"id":2,"subscribe":{"channel":"chat:lobby"}}');
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    const from = names[n % names.length];
    if (n % 3 === 0) socketIo.send(`42${JSON.stringify(['chat message', { from, text: `Tide is at ${140 + n} cm` }])}`);
    if (n % 4 === 0)
      stomp.send(`SEND\ndestination:/topic/prices\n\n{"herring":${20 + (n % 60)},"coal":${11 + (n % 9)}}\0`);
    if (n % 5 === 0) {
      const data = { from, text: `All ships in by ${8 + (n % 12)}` };
      centrifugo.send(JSON.stringify({ id: n + 2, publish: { channel: 'chat:lobby', data } }));
    }
    // There are busy hours, and others.
    if (Math.sin(n / 9) > -0.3)
      harbour.send(JSON.stringify({ type: 'position', ship: from, n, cargo: ['herring', 'coal'] }));
    if (n === 12) brief.close(4001, 'high tide');
  }, BEAT);
  return () => {
    clearInterval(timer);
    for (const socket of [socketIo, stomp, centrifugo, harbour]) socket.close();
  };
}
