import type { EndpointOptions, Socket } from '@tidewire/server';
import { expect } from 'vitest';
import { nextMessage, open, type Serving, serve } from '../support/serving.ts';

/**
 * A server that echoes, with somebody on it who does no harm. `goesOn` checks at the end of an attack that the process and
 * the other connection have survived it.
 */
export async function underAttack(
  options: EndpointOptions<undefined> = {},
  http: Parameters<typeof serve>[1] = {},
): Promise<Serving & { goesOn: () => Promise<void>; ends: End[] }> {
  const ends: End[] = [];
  const serving = await serve<undefined>(
    {
      message(socket: Socket, message: string | Uint8Array) {
        socket.send(message);
      },
      close: (_socket, code, _reason, { error }) =>
        ends.push({ code, error: error && 'code' in error ? error.code : undefined }),
      ...options,
    },
    http,
  );
  const bystander = await open(`${serving.url}/`, [], { perMessageDeflate: false });
  const goesOn = async () => {
    bystander.send('still there?');
    expect(await nextMessage(bystander)).toBe('still there?');
    const newcomer = await open(`${serving.url}/`);
    newcomer.send('hello');
    expect(await nextMessage(newcomer)).toBe('hello');
    newcomer.terminate();
  };
  return { ...serving, goesOn, ends };
}

/** How a socket of the server ended. */
export interface End {
  readonly code: number;
  readonly error: unknown;
}

/** By how many MiB the memory outside and inside of the heap has grown at its highest while `work` ran. */
export async function memoryGrowth(work: () => Promise<void>): Promise<number> {
  const used = () => process.memoryUsage.rss();
  globalThis.gc?.();
  const before = used();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, used());
  }, 5);
  await work();
  clearInterval(timer);
  return (Math.max(highest, used()) - before) / 1024 / 1024;
}
