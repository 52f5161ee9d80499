import type { Logger } from 'pino';

/** Who starts something with npm has one Ctrl-C come twice: from the terminal and from npm. That is no second one. In milliseconds. */
export const SAME_KEY = 300;

/** As a shell reports a process that an interrupt has ended. */
export const INTERRUPTED = 130;

/** What a process does about signals. */
export interface Reactions {
  /** On SIGTERM: ends when that suits everybody. */
  drain(): Promise<void>;
  /** On SIGINT, also while it drains: ends at once. */
  stop(): Promise<void>;
  /** On SIGHUP. Default: as SIGTERM. */
  readonly reload?: (() => void) | undefined;
}

/** Waits for SIGINT or SIGTERM, and then for what is done about it. A second Ctrl-C exits at once. */
export async function untilStopped(log: Logger, { drain, stop, reload = undefined }: Reactions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let interruptedAt: number | undefined;
    let isDraining = false;
    const end = () => {
      if (isDraining || interruptedAt !== undefined) return;
      isDraining = true;
      log.info({ signal: 'SIGTERM' }, 'draining');
      drain().then(resolve, reject);
    };
    process.on('SIGTERM', end);
    process.on('SIGHUP', reload ?? end);
    process.on('SIGINT', () => {
      if (interruptedAt === undefined) {
        interruptedAt = performance.now();
        log.info({ signal: 'SIGINT' }, 'closing all connections');
        stop().then(resolve, reject);
      } else if (performance.now() - interruptedAt > SAME_KEY) {
        process.exit(INTERRUPTED);
      }
    });
  });
  log.info('stopped');
}
