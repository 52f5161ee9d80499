import { Agent, request } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { text as textOf } from 'node:stream/consumers';
import { WebSocket } from '@tidewire/client';
import type { PeerName } from '../peers.ts';
import type { CarrierScenario } from '../scenarios.ts';
import { startEcho } from './echo.ts';
import { clientFrame, serverFrameSize } from './frames.ts';
import { Histogram } from './histogram.ts';
import { type Load, Tally } from './load.ts';
import { payloadsOf } from './payloads.ts';

// The same echo, carried by other things than a TCP connection of its own. Each is one client with one message under way;
// the clients are ordinary ones, and much dearer than the servers.

/** Sends a text and resolves with what came back. */
type Exchange = (text: string) => Promise<string>;

/** WebSockets that share one connection of HTTP/2. */
const STREAMS_PER_SESSION = 10;

export async function startCarrier(port: number, peer: PeerName, scenario: CarrierScenario): Promise<Load> {
  const open = carriers[peer];
  const { connections, message } = scenario;
  if (open === undefined) return startEcho(port, peer, { ...scenario, kind: 'echo', inFlight: 1 });
  const text = payloadsOf(message)[0]?.toString() ?? '';
  const tally = new Tally(new Histogram());
  const sessions: ClientHttp2Session[] = [];
  for (let i = 0; i < connections; i++) {
    const exchange = await open(port, i, sessions);
    if ((await exchange(text)) !== text) throw new Error('What came back is not what was sent');
    echo(exchange, text, tally).catch(tally.fail);
  }
  return tally;
}

async function echo(exchange: Exchange, text: string, tally: Tally): Promise<never> {
  for (;;) {
    const sentAt = performance.now();
    await exchange(text);
    tally.histogram?.record(performance.now() - sentAt);
    tally.count++;
  }
}

type Open = (port: number, index: number, sessions: ClientHttp2Session[]) => Promise<Exchange>;

const carriers: Partial<Record<PeerName, Open>> = {
  'tidewire-http2': overHttp2,
  'tidewire-stream': (port) => overTunnel(port, 'stream'),
  'tidewire-poll': (port) => overTunnel(port, 'poll'),
  'socket.io-polling': overSocketIoPolling,
};

/** Extended CONNECT (RFC 8441), with frames that are made here. */
async function overHttp2(port: number, index: number, sessions: ClientHttp2Session[]): Promise<Exchange> {
  const number = Math.floor(index / STREAMS_PER_SESSION);
  let session = sessions[number];
  if (session === undefined) {
    session = connect(`http://127.0.0.1:${port}`);
    sessions[number] = session;
    // Each of its streams fails, too, and says so.
    session.on('error', () => {});
    await new Promise((resolve) => session?.once('remoteSettings', resolve));
  }
  const headers = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/', 'sec-websocket-version': '13' };
  const stream = session.request(headers);
  let fail = (_error: Error): void => {};
  stream.on('error', (error) => fail(error));
  await new Promise((resolve, reject) => {
    fail = reject;
    stream.once('response', ({ ':status': status }) =>
      status === 200 ? resolve(status) : reject(new Error(`Refused with ${status}`)),
    );
  });
  return (text) =>
    new Promise((resolve, reject) => {
      const missing = serverFrameSize(text.length);
      let received = Buffer.alloc(0);
      const onData = (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < missing) return;
        stream.off('data', onData);
        resolve(received.subarray(-text.length).toString());
      };
      stream.on('data', onData);
      fail = reject;
      stream.write(clientFrame('text', Buffer.from(text)));
    });
}

async function overTunnel(port: number, transport: 'stream' | 'poll'): Promise<Exchange> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, [], { transports: [transport] });
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The tunnel does not open'));
  });
  return (text) =>
    new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(String(data));
      socket.onclose = () => reject(new Error('The server closed a tunnel'));
      socket.send(text);
    });
}

/** Engine.IO's transport "polling": a request for each message, and one that waits for the answer. */
async function overSocketIoPolling(port: number): Promise<Exchange> {
  const agent = new Agent({ keepAlive: true });
  const call = (path: string, body?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const headers = body === undefined ? {} : { 'content-type': 'text/plain', 'content-length': body.length };
      const sent = request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
        textOf(response).then(resolve, reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const base = '/socket.io/?EIO=4&transport=polling';
  const { sid } = JSON.parse((await call(base)).slice(1));
  const path = `${base}&sid=${sid}`;
  await call(path, '40');
  await call(path);
  return async (text) => {
    const [packet] = await Promise.all([call(path), call(path, `42["m",${JSON.stringify(text)}]`)]);
    if (!packet.startsWith('42')) throw new Error(`Answered with ${packet}`);
    return JSON.parse(packet.slice(2))[1];
  };
}
