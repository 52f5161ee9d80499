// RFC 6455, 4.1, item 2: "There MUST be no more than one connection in a CONNECTING state" to one address and port.

/** Who waits for its turn, by key. A key is there as long as somebody has the turn. */
const waiting = new Map<string, (() => void)[]>();

/**
 * Waits until nobody else is connecting to `key`. Call what this resolves to when the connection is established or has
 * failed.
 * @throws the reason of `signal` if that is aborted first
 */
export async function takeTurn(key: string, signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted();
  const queue = waiting.get(key);
  if (queue === undefined) waiting.set(key, []);
  else await waitIn(queue, signal);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    passOn(key);
  };
}

function waitIn(queue: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const begin = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      queue.splice(queue.indexOf(begin), 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.push(begin);
  });
}

function passOn(key: string): void {
  const next = waiting.get(key)?.shift();
  if (next === undefined) waiting.delete(key);
  else next();
}
