import type { WebSocket } from '@tidewire/client';
import type { Finding } from '../finding.ts';
import { bytes } from '../machine/readings.ts';
import { closed, leave, milliseconds, open, type Reach, reply } from './probe.ts';
import { isOpen } from './upgrade.ts';

// What only a server that sends everything back can tell: how large a message may be, and whether compressed ones survive.

/** In milliseconds. */
const PATIENCE = 15_000;

const KiB = 1024;
const sizes = [4, 64, 256, 1024, 4096, 16_384, 65_536, 262_144].map((size) => size * KiB);

/** @param most the largest message to try, in bytes */
export async function examineEcho(reach: Reach, most: number): Promise<readonly Finding[]> {
  const first = await echoes(reach, 'tidewire doctor');
  if (first === undefined) {
    const what = 'The server does not send messages back, so that neither their size nor their compression was tried.';
    return [
      {
        check: 'echo',
        grade: 'unknown',
        what,
        mend: ['tidewire echo is a server that does, for behind the same proxy'],
      },
    ];
  }
  const back: Finding = { check: 'echo', grade: 'ok', what: `A message is back after ${milliseconds(first)}.` };
  return [back, await compressed(reach), await largest(reach, most)];
}

/** How long a message took there and back, in milliseconds; `undefined` if it did not come back. */
async function echoes(reach: Reach, message: string): Promise<number | undefined> {
  const opened = await open(reach);
  if (!isOpen(opened)) return undefined;
  const begin = performance.now();
  const answer = await reply(opened.socket, message, 5000);
  const took = performance.now() - begin;
  await leave(opened.socket);
  return answer === message ? took : undefined;
}

async function compressed(reach: Reach): Promise<Finding> {
  const check = 'compressed-messages';
  const opened = await open(reach, { deflate: true, compressionThreshold: 0 });
  if (!isOpen(opened)) return { check, grade: 'unknown', what: 'No connection that offers compression opened.' };
  const { socket } = opened;
  const agreed = socket.extensions.includes('permessage-deflate');
  const message = 'all work and no play makes a dull message; '.repeat(200);
  const answer = await reply(socket, message, PATIENCE);
  await leaveAnyhow(socket);
  if (answer === message) {
    const what = agreed
      ? 'A compressed message comes back whole.'
      : 'Compression is not agreed on, and messages come back whole.';
    return { check, grade: 'ok', what };
  }
  return {
    check,
    grade: 'problem',
    what: 'Compression was offered, and a message did not come back as it went.',
    why: 'Something in between changes the agreement or the frames.',
    mend: ['turn permessage-deflate off at the server, and see whether that ends it'],
  };
}

async function largest(reach: Reach, most: number): Promise<Finding> {
  const check = 'largest-message';
  let passed = 0;
  for (const size of [...sizes.filter((each) => each < most), most]) {
    const outcome = await tries(reach, size);
    if (outcome === 'passed') {
      passed = size;
      continue;
    }
    const { code } = outcome;
    const what = `A message of ${bytes(passed)} comes back, and one of ${bytes(size)} ends the connection with ${code}.`;
    if (code === 1009) {
      return { check, grade: 'note', what, why: 'The server takes no larger ones, and says so.' };
    }
    return {
      check,
      grade: 'warning',
      what,
      why: 'A limit of the server would end it with 1009. Something else does not like it, or it takes longer than 15 s.',
    };
  }
  return {
    check,
    grade: 'ok',
    what: `A message of ${bytes(passed)} comes back; larger ones were not tried (--max-message).`,
  };
}

async function tries(reach: Reach, size: number): Promise<'passed' | { readonly code: number }> {
  const opened = await open(reach, { limits: { maxMessageSize: size + KiB } });
  if (!isOpen(opened)) return { code: 1006 };
  const { socket } = opened;
  const end = closed(socket);
  const answer = await reply(socket, new Uint8Array(size), PATIENCE);
  if (answer instanceof ArrayBuffer && answer.byteLength === size) {
    await leave(socket);
    return 'passed';
  }
  socket.terminate();
  const { code } = await end;
  return { code };
}

async function leaveAnyhow(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.OPEN) await leave(socket);
  else socket.terminate();
}
