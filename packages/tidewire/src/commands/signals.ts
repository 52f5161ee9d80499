import type { Logger } from 'pino';

// Who starts the service with npm has one Ctrl-C come twice: from the terminal and from npm. That is no second one.
const SAME_KEY = 300;

/** As a shell reports a process that an interrupt has ended. */
export const INTERRUPTED = 130;

/** Waits for SIGINT or SIGTERM, and then for `stop`. A second Ctrl-C exits at once. */
export async function untilStopped(log: Logger, stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let since: number | undefined;
    const take = (signal: NodeJS.Signals) => {
      if (since === undefined) {
        since = performance.now();
        log.info({ signal }, 'closing all connections');
        stop().then(resolve, reject);
      } else if (signal === 'SIGINT' && performance.now() - since > SAME_KEY) {
        process.exit(INTERRUPTED);
      }
    };
    process.on('SIGINT', take);
    process.on('SIGTERM', take);
  });
  log.info('stopped');
}
