import { clientOptions } from '../connect/client-options.ts';
import { parseCommand } from '../connect/commands.ts';
import { Conversation, type ConversationOptions, type Ending } from '../connect/conversation.ts';
import { withoutCredentials } from '../connect/format.ts';
import { PipeSession } from '../connect/pipe-session.ts';
import { PipeView } from '../connect/pipe-view.ts';
import { TerminalView } from '../connect/terminal-view.ts';
import type { View } from '../connect/view.ts';
import { assertUrl } from '../connect/websocket-url.ts';
import { describeSystemError, UsageError } from '../problem.ts';
import type { ConnectFlags } from './connect.ts';
import { INTERRUPTED } from './signals.ts';

// A conversation with a server, as the flags of `connect` have it: with a person, or with a script.

/** How long no message has to have come, after the end of the input, in milliseconds. */
const WAIT = 1000;

/**
 * @returns the exit code
 * @throws UsageError
 */
export function connect(url: string, flags: ConnectFlags): Promise<number> {
  assertUrl(url);
  const options: ConversationOptions = {
    url,
    subprotocols: flags.subprotocol ?? [],
    ...clientOptions(flags),
    pingEvery: flags.ping,
    showsHandshake: flags.verbose === true,
  };
  return process.stdin.isTTY && process.stdout.isTTY ? talk(options, flags) : pipe(options, flags);
}

/** With a person at the keyboard. */
async function talk(options: ConversationOptions, { timestamps = false, hex = false }: ConnectFlags): Promise<number> {
  const view = new TerminalView(process.stdin, process.stdout, { timestamps, hex });
  const conversation = start(options, view);
  const interrupt = interrupter(conversation);
  let queue = conversation.settled;
  view.listen({
    line: (line) => {
      // An empty line is a slip of the finger more often than a message.
      if (line !== '') queue = queue.then(() => conversation.execute(parseCommand(line)));
    },
    interrupt,
    end: () => conversation.close(),
  });
  const ending = await conversation.ended;
  view.stop();
  if (!ending.opened) return notOpened(options, ending, interrupt.wasCalled());
  return ending.wasClean ? 0 : 1;
}

/** With a script. */
async function pipe(options: ConversationOptions, flags: ConnectFlags): Promise<number> {
  const { timestamps = false, hex = false, quiet = false, count, commands = false } = flags;
  const wait = flags.wait ?? (count === undefined ? WAIT : Number.POSITIVE_INFINITY);
  const session = new PipeSession({ wait, count, commands });
  const isTerminal = process.stdout.isTTY === true;
  const view = new PipeView(
    process.stdout,
    process.stderr,
    { timestamps, hex, quiet, isTerminal },
    {
      takes: () => session.take(),
      overflows: () => conversation.drop(),
    },
  );
  const conversation = start(options, view);
  const interrupt = interrupter(conversation);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // Nobody reads what comes any more, as behind `| head -1`.
  process.stdout.on('error', () => conversation.close());
  await conversation.settled;
  if (conversation.isOpen) await session.run(conversation, process.stdin);
  const ending = await conversation.ended;
  if (!ending.opened) return notOpened(options, ending, interrupt.wasCalled());
  if (interrupt.wasCalled()) return INTERRUPTED;
  const { received, sentAll } = session;
  if (count !== undefined && received < count) {
    view.problem(`Only ${received} of ${count} messages came`);
    return 1;
  }
  if (!sentAll && !conversation.closesItself && ending.wasClean) {
    view.problem('The server closed before all of the input was sent');
    return 1;
  }
  return ending.wasClean ? 0 : 1;
}

function notOpened({ url }: ConversationOptions, { failure }: Ending, wasInterrupted: boolean): number {
  if (wasInterrupted) return INTERRUPTED;
  process.stderr.write(`tidewire: Could not connect to ${withoutCredentials(url)}: ${failure}\n`);
  return 1;
}

function start(options: ConversationOptions, view: View): Conversation {
  try {
    return new Conversation(options, view);
  } catch (error) {
    throw new UsageError(describeSystemError(error), { cause: error });
  }
}

/** The first Ctrl-C closes the connection, the second does not wait for that. */
function interrupter(conversation: Conversation): { (): void; wasCalled(): boolean } {
  let wasCalled = false;
  const interrupt = () => {
    if (wasCalled) process.exit(INTERRUPTED);
    wasCalled = true;
    conversation.close();
  };
  return Object.assign(interrupt, { wasCalled: () => wasCalled });
}
