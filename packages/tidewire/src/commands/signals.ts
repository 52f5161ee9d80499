import type { Logger } from 'pino';

// Who starts the service with npm has one Ctrl-C come twice: from the terminal and from npm. That is no second one.
const SAME_KEY = 300;

/** As a shell reports a process that an interrupt has ended. */
export const INTERRUPTED = 130;

/** Waits for SIGINT or SIGTERM, and then for `stop`. A second Ctrl-C exits at once. */
export async function untilStopped(log: Logger, stop: () => Promise<void>): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const since = performance.now();
  process.on('SIGINT', () => {
    if (performance.now() - since > SAME_KEY) process.exit(INTERRUPTED);
  });
  process.on('SIGTERM', () => {});
  log.info({ signal }, 'closing all connections');
  await stop();
  log.info('stopped');
}
