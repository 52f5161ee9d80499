import { Deadlines } from '@tidewire/node';
import { Countdown } from './countdown.ts';
import { asFailure, failure, type WebSocketFailure } from './failures.ts';
import { type Opened, openByHandshake, type Waiting } from './opening.ts';
import type { ResolvedOptions } from './options.ts';
import { stepsFor, type TransportStep } from './transports.ts';
import { openTunnel } from './tunnel/open-tunnel.ts';

// From a URL to what carries frames, by the first transport that gets through.

/** What one step of an opening is made with. */
interface Attempt {
  readonly target: URL;
  readonly subprotocols: readonly string[];
  readonly options: ResolvedOptions;
  readonly waiting: Waiting;
  readonly signal: AbortSignal;
}

const deadlines = new Deadlines();

/** @throws WebSocketFailure; or the reason of `signal`, which should be one, too */
export async function open(
  target: URL,
  subprotocols: readonly string[],
  options: ResolvedOptions,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Opened> {
  const attempt: Attempt = { target, subprotocols, options, waiting, signal };
  const steps = stepsFor(options.transports);
  const [first = 'websocket'] = steps;
  if (steps.length <= 1) return await take(first, attempt);
  const failures: WebSocketFailure[] = [];
  for (const [i, step] of steps.entries()) {
    try {
      return i + 1 < steps.length ? await takeInTime(step, attempt) : await take(step, attempt);
    } catch (error) {
      signal.throwIfAborted();
      const reason = asFailure(error, 'CONNECT');
      if (reason.code === 'BLOCKED_PORT') throw reason;
      failures.push(reason);
    }
  }
  throw ofAll(failures);
}

function take(step: TransportStep, { target, subprotocols, options, waiting, signal }: Attempt): Promise<Opened> {
  return step === 'websocket'
    ? openByHandshake(target, subprotocols, options, waiting, signal)
    : openTunnel({ target, options }, subprotocols, step, signal);
}

/** The same, but no longer than one transport may take that others come after. */
async function takeInTime(step: TransportStep, attempt: Attempt): Promise<Opened> {
  const { options, waiting, signal } = attempt;
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const countdown = new Countdown(deadlines, options.transportTimeout, () =>
    controller.abort(failure('TRANSPORT_TIMEOUT')),
  );
  signal.addEventListener('abort', abort, { once: true });
  countdown.start();
  try {
    const timed = {
      begins() {
        countdown.stop();
        waiting.begins();
      },
      ends() {
        waiting.ends();
        countdown.start();
      },
    };
    return await take(step, { ...attempt, waiting: timed, signal: controller.signal });
  } finally {
    countdown.stop();
    signal.removeEventListener('abort', abort);
  }
}

function ofAll(failures: readonly WebSocketFailure[]): WebSocketFailure {
  const response = failures.findLast((each) => each.response !== undefined)?.response;
  return failure('TRANSPORTS', {
    cause: new AggregateError(failures),
    detail: failures.map(({ message }) => message).join('; '),
    ...(response !== undefined && { response }),
  });
}
