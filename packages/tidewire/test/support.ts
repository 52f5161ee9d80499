import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { onTestFinished } from 'vitest';

export const cliPath = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the built command line. It is killed at the end of the test, if it is still there. */
export class Cli {
  readonly process: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';
  /** Whether the process has ended, and everything that it wrote is here. */
  hasEnded = false;
  #changed: () => void = () => {};

  constructor(
    args: readonly string[],
    command = process.execPath,
    before: readonly string[] = [cliPath],
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    const child = spawn(command, [...before, ...args], { env: { ...environment, NO_COLOR: '1', TERM: 'xterm' } });
    this.process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.finished = once(child, 'close').then(([code]) => {
      this.hasEnded = true;
      this.#changed();
      return { code, stdout: this.stdout, stderr: this.stderr };
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  /** Waits until stdout matches. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (this.hasEnded) throw new Error(`It ended without ${pattern}: ${this.stdout}${this.stderr}`);
      await this.change();
    }
  }

  /** Waits for more of stdout, or for the end. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

/** Runs a command to its end, with this input. */
export function run(args: readonly string[], input = ''): Promise<Finished> {
  const cli = new Cli(args);
  cli.process.stdin.on('error', () => {});
  cli.process.stdin.end(input);
  return cli.finished;
}

/** `tidewire serve` on a free port, once it listens. */
export async function serve(...args: string[]): Promise<{ readonly cli: Cli; readonly port: number }> {
  const cli = new Cli(['serve', '--port', '0', ...args]);
  const [, port] = await cli.shows(/echo\s+wss?:\/\/\S+:(\d+)\/echo\n/);
  return { cli, port: Number(port) };
}

/** An open connection, with the messages in the order in which they come. */
export class Peer {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string; readonly wasClean: boolean }>;
  readonly #messages: (string | Uint8Array)[] = [];
  #arrived: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.#messages.push(typeof data === 'string' ? data : new Uint8Array(data));
      this.#arrived();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason, wasClean }) => {
        resolve({ code, reason, wasClean });
        this.#arrived();
      });
    });
    onTestFinished(() => socket.terminate());
  }

  static async open(url: string, subprotocols: string[] = [], options: WebSocketOptions = {}): Promise<Peer> {
    const peer = new Peer(new WebSocket(url, subprotocols, options));
    await new Promise((resolve, reject) => {
      peer.socket.onopen = resolve;
      peer.socket.onerror = () => reject(peer.socket.failure);
    });
    return peer;
  }

  async next(): Promise<string | Uint8Array> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection is closed');
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

/** An open WebSocket by hand, which answers nothing, and reads only if told to. */
export async function rawWebSocket(port: number, path = '/echo'): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

/** A masked frame of a client, with a mask of zeros. */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const header = length < 126 ? [0x80 | length] : length < 65_536 ? [0xfe, length >> 8, length & 0xff] : undefined;
  if (header === undefined) throw new RangeError('This is for short frames');
  return Uint8Array.from([0x80 | opcode, ...header, 0, 0, 0, 0, ...payload]);
}
