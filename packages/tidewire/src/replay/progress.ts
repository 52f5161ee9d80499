import type { WriteStream } from 'node:tty';

// One line of a terminal that says how far it is.

export interface Standing {
  /** In milliseconds. */
  readonly elapsed: number;
  readonly open: number;
  readonly sent: number;
  readonly toSend: number;
  readonly received: number;
}

const EVERY = 200;

/** Shows it on `out` several times a second, if that is a terminal. Returns what takes it away. */
export function showProgress(out: WriteStream, standing: () => Standing): () => void {
  if (!out.isTTY) return () => {};
  const show = () => {
    const { elapsed, open, sent, toSend, received } = standing();
    const line = `${(elapsed / 1000).toFixed(1)} s: ${sent} of ${toSend} sent, ${received} came back, ${open} open`;
    out.write(`\r\x1b[K${line.slice(0, Math.max(0, out.columns - 1))}`);
  };
  const timer = setInterval(show, EVERY);
  return () => {
    clearInterval(timer);
    out.write('\r\x1b[K');
  };
}
