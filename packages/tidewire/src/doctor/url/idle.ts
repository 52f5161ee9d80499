import type { Finding } from '../finding.ts';
import { closed, leave, open, type Reach } from './probe.ts';
import { isOpen } from './upgrade.ts';

// After how much silence a connection is cut, found by being silent.

export interface IdleProbe {
  /** How long to be silent at most, in milliseconds. */
  readonly patience: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export async function examineIdle(reach: Reach, { patience, signal }: IdleProbe): Promise<readonly Finding[]> {
  const [silent, pinging] = await Promise.all([
    lastsFor(reach, patience, signal),
    lastsFor(reach, patience, signal, Math.min(20_000, patience / 4)),
  ]);
  if (silent === undefined || pinging === undefined) return [];
  if (!silent.wasCut) {
    const what = `A connection on which the client says nothing stays open for ${seconds(silent.lasted)}${silent.wasStopped ? ', when the probe was stopped' : ''}.`;
    const why = silent.wasStopped
      ? undefined
      : 'Pings of the server may be what keeps it, as those of tidewire serve do. --idle 5m waits longer.';
    return [{ check: 'idle', grade: 'ok', what, why }];
  }
  const cut = `A connection on which nobody says anything is cut after ${seconds(silent.lasted)}, with ${silent.code}.`;
  if (pinging.wasCut) {
    return [
      {
        check: 'idle',
        grade: 'problem',
        what: `${cut} Pings of the client do not prevent it: one that pinged was cut after ${seconds(pinging.lasted)}.`,
        why: 'Something limits how long a connection may last, or does not pass frames on.',
        mend: ['nginx: proxy_read_timeout and proxy_send_timeout; HAProxy: timeout tunnel; Caddy: stream_timeout'],
      },
    ];
  }
  const every = Math.max(1, Math.floor(silent.lasted / 2000));
  return [
    {
      check: 'idle',
      grade: 'warning',
      what: `${cut} Pings keep it open.`,
      why: 'A client that waits for news is cut, and may not notice.',
      mend: [
        `tidewire serve --heartbeat ${every}s, or heartbeat: { interval: ${every * 1000} } of an endpoint`,
        'or more patience of the proxy: nginx proxy_read_timeout, HAProxy timeout tunnel',
      ],
    },
  ];
}

interface Lasting {
  /** In milliseconds. */
  readonly lasted: number;
  readonly wasCut: boolean;
  readonly wasStopped: boolean;
  readonly code: number;
}

/** @param pingEvery in milliseconds; left out, it is silent */
async function lastsFor(
  reach: Reach,
  patience: number,
  signal: AbortSignal,
  pingEvery?: number,
): Promise<Lasting | undefined> {
  const opened = await open(reach);
  if (!isOpen(opened)) return undefined;
  const { socket } = opened;
  const begin = performance.now();
  const pings = pingEvery === undefined ? undefined : setInterval(() => socket.ping(), pingEvery);
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const end = closed(socket);
  const cut = await Promise.race([end, enough]);
  const lasted = performance.now() - begin;
  clearInterval(pings);
  clearTimeout(timer);
  if (cut === undefined) await leave(socket);
  return { lasted, wasCut: cut !== undefined, wasStopped: signal.aborted, code: cut?.code ?? 1000 };
}

function seconds(time: number): string {
  return time < 10_000 ? `${(time / 1000).toFixed(1)} s` : `${Math.round(time / 1000)} s`;
}
