// Runs one case against a server or a client and says how it went.

import { once } from 'node:events';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { type Agreement, agreementOf, Decompressor, deflateParameters } from './deflate.ts';
import { encodeFrame, maskingKeys } from './frames.ts';
import { acceptFor, type Head, readHead, testerKey, writeRequest, writeResponse } from './handshake.ts';
import type { ClientPeer, ConnectClient, Peer, ServerTarget } from './peer.ts';
import { CaseFailed, Run, usualPatience, within } from './run.ts';
import type { Case, Result, Role } from './table.ts';
import { Wire } from './wire.ts';

/**
 * Plays the client against an echo server.
 * @param patience how long the server may take for one thing, in milliseconds
 */
export async function runAgainstServer(
  target: ServerTarget,
  one: Case,
  patience: number = usualPatience,
): Promise<Result> {
  const accepted = target.nextPeer();
  const socket = tcpConnect({ host: target.host, port: target.port, allowHalfOpen: true });
  const wire = new Wire(socket);
  let peer: Peer | undefined;
  const lateToKnow: Peer = {
    closed: accepted.then((known) => known.closed),
    close: (code, reason) => void accepted.then((known) => known.close(code, reason)),
  };
  const result = await judge(wire, async (lapses) => {
    await once(socket, 'connect');
    const request = Buffer.from(writeRequest(one, target.host, target.port, target.path), 'latin1');
    await wire.write(one.opening?.together === true ? Buffer.concat([request, firstFrames(one, 'server')]) : request);
    const text = await wire.head(patience);
    if (text === undefined) throw new CaseFailed('no HTTP response came');
    const response = readHead(text);
    wire.log.push(response.firstLine);
    if (refusalSeen(one, response)) return refusedEnd(wire, patience);
    const agreement = checkAccepted(one, response);
    wire.startFrames(false, agreement && new Decompressor(agreement.server));
    const run = new Run(wire, 'server', lateToKnow, agreement?.client, patience);
    for (const step of one.script.slice(one.opening?.together === true ? 1 : 0)) await run.step(step);
    peer = await accepted;
    lapses.push(...run.lapses);
  });
  socket.destroy();
  // The server is to be done with this connection before the next case starts.
  if (peer !== undefined) await within(peer.closed, patience);
  return result;
}

/**
 * Plays the server, on TCP and by hand, against an echo client.
 * @param patience how long the client may take for one thing, in milliseconds
 */
export async function runAgainstClient(
  connect: ConnectClient,
  one: Case,
  patience: number = usualPatience,
): Promise<Result> {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = addressOf(listener);
  const incoming = new Promise<Socket>((resolve) => listener.once('connection', resolve));
  const peer = connect(`ws://127.0.0.1:${port}/`, { deflate: one.opening?.deflate === true });
  const arrived = await within(incoming, patience);
  listener.close();
  if (arrived === undefined) return { verdict: 'FAILED', why: 'the client did not connect', received: [] };
  const wire = new Wire(arrived);
  const result = await judge(wire, (lapses) => playServer(wire, peer, one, lapses, patience));
  wire.socket.destroy();
  await within(peer.closed, patience);
  return result;
}

async function playServer(wire: Wire, peer: ClientPeer, one: Case, lapses: string[], patience: number): Promise<void> {
  const text = await wire.head(patience);
  if (text === undefined) throw new CaseFailed('no HTTP request came');
  const request = readHead(text);
  wire.log.push(request.firstLine, `extensions: ${request.headers.get('sec-websocket-extensions') ?? 'none'}`);
  const response = Buffer.from(writeResponse(one, request), 'latin1');
  await wire.write(one.opening?.together === true ? Buffer.concat([response, firstFrames(one, 'client')]) : response);
  if (one.opening?.outcome !== undefined && one.opening.outcome !== 'open') {
    if ((await within(peer.opened, patience)) !== false) throw new CaseFailed('the client took the handshake');
    return refusedEnd(wire, patience);
  }
  const answered = readHead(response.toString('latin1')).headers.get('sec-websocket-extensions');
  const agreement = answered === undefined ? undefined : agreementOf(deflateParameters(answered));
  wire.startFrames(true, agreement && new Decompressor(agreement.client));
  if ((await within(peer.opened, patience)) !== true) throw new CaseFailed('the client did not open');
  const run = new Run(wire, 'client', peer, agreement?.server, patience);
  for (const step of one.script.slice(one.opening?.together === true ? 1 : 0)) await run.step(step);
  lapses.push(...run.lapses);
}

async function judge(wire: Wire, play: (lapses: string[]) => Promise<void>): Promise<Result> {
  const lapses: string[] = [];
  try {
    await play(lapses);
    return { verdict: lapses.length === 0 ? 'OK' : 'NON-STRICT', why: lapses.join('; '), received: wire.log };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { verdict: 'FAILED', why, received: wire.log };
  }
}

/** The frames of the first step, for an opening that has them right behind the handshake. */
function firstFrames(one: Case, underTest: Role): Buffer {
  const [first] = one.script;
  if (first?.do !== 'send') throw new Error(`${one.id} has nothing to send with the handshake`);
  const nextKey = maskingKeys(2);
  return Buffer.concat(first.frames.map((frame) => encodeFrame(frame, underTest === 'server', nextKey())));
}

/** Whether the case wants the server to refuse, and it did so in the right way. */
function refusalSeen(one: Case, response: Head): boolean {
  const status = Number(response.firstLine.split(' ')[1]);
  const outcome = one.opening?.outcome ?? 'open';
  if (outcome === 'open') {
    if (status === 101) return false;
    if (one.opening?.mayRefuse?.includes(status) === true) return true;
    throw new CaseFailed(`wanted 101, got ${response.firstLine}`);
  }
  if (!outcome.refused.includes(status)) {
    throw new CaseFailed(`wanted ${outcome.refused.join(' or ')}, got ${response.firstLine}`);
  }
  checkHeaders(outcome.headers ?? {}, response);
  return true;
}

function checkHeaders(wanted: Readonly<Record<string, string | undefined>>, response: Head): void {
  for (const [name, value] of Object.entries(wanted)) {
    const got = response.headers.get(name.toLowerCase());
    if (got !== value) throw new CaseFailed(`wanted ${name}: ${value ?? '(absent)'}, got ${got ?? '(absent)'}`);
  }
}

/** RFC 6455, 4.1: what a client checks in a response with status 101. Returns what was agreed about compression. */
function checkAccepted(one: Case, response: Head): Agreement | undefined {
  const key = one.opening?.request?.['Sec-WebSocket-Key'];
  const accept = response.headers.get('sec-websocket-accept');
  if (accept !== acceptFor(typeof key === 'string' ? key : testerKey)) throw new CaseFailed(`wrong accept: ${accept}`);
  if (response.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw new CaseFailed('no Upgrade: websocket');
  if (response.headers.get('connection')?.toLowerCase() !== 'upgrade') throw new CaseFailed('no Connection: Upgrade');
  checkHeaders(one.opening?.wanted ?? {}, response);
  const answer = response.headers.get('sec-websocket-extensions');
  const agreed = one.opening?.agreed ?? 'declined';
  if (answer === undefined) {
    if (typeof agreed === 'function') throw new CaseFailed('the offer of permessage-deflate was declined');
    return undefined;
  }
  if (agreed === 'declined') throw new CaseFailed(`the offer was to be declined, got ${answer}`);
  const parameters = deflateParameters(answer);
  if (agreed !== 'any' && !agreed(parameters)) throw new CaseFailed(`the answer does not fit the offer: ${answer}`);
  return agreementOf(parameters);
}

/** A refused handshake ends the stream, and nothing else comes. */
async function refusedEnd(wire: Wire, patience: number): Promise<void> {
  const end = wire.socket.readableEnded ? true : await within(once(wire.socket, 'end'), patience);
  if (end === undefined) throw new CaseFailed('the stream did not end after the refusal');
}

function addressOf(listener: Server): { port: number } {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the tester listens on no port');
  return address;
}
