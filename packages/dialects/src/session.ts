import {
  type Client,
  CommandError,
  type ConnectResult,
  type Disconnect,
  DisconnectError,
  disconnectCodes,
  type Encoder,
  type Outlet,
  type OutletResult,
} from '@tidewire/hub';
import { Expiring } from '@tidewire/node';
import type { PreparedBatch } from '@tidewire/protocol';
import { carryOut } from './carrying-out.ts';
import type { ClientCommand, Command, ConnectCommand } from './command.ts';
import type { Answer } from './dialect.ts';
import type { Line, Origination, SessionHost } from './line.ts';
import { WaitingCommands } from './waiting-commands.ts';

// A connection, between a dialect and the hub, whatever carries it: text comes in, commands are done, text goes out. An
// answer goes out before what it brings about; of the commands about one channel, one is done after the other.

/** Mistakes that a client may make before it is connected, and so counted. */
const MAX_MISTAKES = 10;

/** `REFUSED`: the client has been told why it may not connect, and is about to go. */
type State = 'NEW' | 'CONNECTING' | 'REFUSED' | 'OPEN' | 'CLOSED';

export class Session extends Expiring implements Outlet {
  readonly #host: SessionHost;
  readonly #line: Line;
  readonly #waiting: WaitingCommands;
  /** Until the client is connected: then it is of no use any more. */
  #origination: Origination | undefined;
  #state: State = 'NEW';
  #mistakes = 0;
  /** Characters that have come of somebody who is nobody yet. */
  #said = 0;
  #client: Client | undefined;
  #disconnect: Disconnect = disconnectCodes.CONNECTION_CLOSED;
  /** When the ping was sent that the client has not answered yet. */
  #pingedAt: number | undefined;
  /** Gives back what it has of its address. */
  #leavePlace: (() => void) | undefined;

  constructor(host: SessionHost, line: Line, origination: Origination) {
    super();
    this.#host = host;
    this.#line = line;
    this.#origination = origination;
    this.#waiting = new WaitingCommands(host.settings.maxPendingCommands, host.settings.maxPendingSize, (command) =>
      this.#run(command),
    );
    this.#leavePlace = host.hub.takePlace(origination.remoteAddress);
    if (this.#leavePlace === undefined) {
      this.end(disconnectCodes.CONNECTION_LIMIT);
      return;
    }
    host.deadlines.set(this, host.settings.connectTimeout);
    if (origination.connect !== undefined && origination.connectsAtOnce === true) this.#connect(origination.connect);
  }

  // --- what comes from the client ------------------------------------------------------------------------------------

  receive(message: string): void {
    if (this.#state === 'CLOSED') return;
    if (this.#client === undefined && !this.#mayStillSay(message.length)) return;
    const { commands, problem } = this.#host.dialect.read(message, this.#host.settings.maxCommandsPerMessage);
    for (const command of commands) {
      this.#take(command);
      if (this.isClosed) return;
    }
    if (problem !== undefined) this.end(badRequest(problem));
  }

  /** What comes before the client is connected is kept for nobody knows whom: it may be as much as one message. */
  #mayStillSay(length: number): boolean {
    this.#said += length;
    if (this.#said <= this.#host.settings.maxMessageSize) return true;
    this.end(badRequest('too much was said before the client was connected'));
    return false;
  }

  drained(): void {
    this.#client?.drained();
  }

  /** The connection is gone. */
  gone(): void {
    this.#leavePlace?.();
    this.#leavePlace = undefined;
    this.#finish();
    this.#client?.closed(this.#disconnect);
  }

  get isClosed(): boolean {
    return this.#state === 'CLOSED';
  }

  // --- what the hub tells the client ---------------------------------------------------------------------------------

  get encoder(): Encoder {
    return this.#host.dialect.encoder;
  }

  get transport(): string {
    return this.#line.transport;
  }

  get bufferedAmount(): number {
    return this.#line.bufferedAmount;
  }

  write(batch: PreparedBatch, isAlone: boolean): OutletResult {
    return this.#sent(this.#line.sendBatch(batch, isAlone));
  }

  close(disconnect: Disconnect): void {
    if (this.#state === 'CLOSED') return;
    this.#disconnect = disconnect;
    this.#finish();
    this.#line.close(disconnect);
  }

  /** The same, where it is not the hub that ends it. */
  end(disconnect: Disconnect): void {
    if (this.#state === 'CLOSED') return;
    this.close(disconnect);
    // Now, rather than when the client has taken its leave: others are waiting to see it go.
    this.#client?.closed(disconnect);
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  override expired(): void {
    if (this.#state !== 'OPEN') this.end(disconnectCodes.STALE);
    else if (this.#pingedAt !== undefined) this.end(disconnectCodes.NO_PONG);
    else {
      this.#pingedAt = performance.now();
      this.#host.deadlines.set(this, this.#host.settings.pongTimeout);
      this.#say(this.#host.dialect.ping);
    }
  }

  #awaitPing(delay: number): void {
    if (delay !== Number.POSITIVE_INFINITY) this.#host.deadlines.set(this, delay);
  }

  /** @returns whether it was waited for */
  #pong(): boolean {
    if (this.#pingedAt === undefined) return false;
    const { settings } = this.#host;
    settings.observer.pongReceived?.(this.transport, performance.now() - this.#pingedAt);
    this.#pingedAt = undefined;
    this.#awaitPing(settings.pingInterval);
    return true;
  }

  // --- commands ------------------------------------------------------------------------------------------------------

  #take(command: Command): void {
    if (command.type === 'pong') {
      // Nobody may send more of them than of anything else.
      if (!this.#pong()) this.#client?.countsCommand();
    } else if (command.type === 'connect') {
      if (this.#state === 'NEW') this.#connect(command);
      else this.#mistaken(command, 'the client is connected already');
    } else if (command.type === 'refused' && this.#state === 'NEW') this.#mistaken(command, command.error.message);
    else this.#takeInOrder(command);
  }

  /** Something that no client should say, but people do. */
  #mistaken(command: ConnectCommand | ClientCommand, problem: string): void {
    this.#mistakes++;
    const isTold = this.#host.dialect.forgives && this.#mistakes < MAX_MISTAKES;
    if (isTold) this.#fail(command, new CommandError('BAD_REQUEST', problem));
    else this.end(badRequest(problem));
  }

  #takeInOrder(command: ClientCommand): void {
    const byItself = this.#origination?.connect;
    if (this.#state === 'NEW' && byItself !== undefined) this.#connect(byItself);
    if (this.#state === 'NEW') this.end(badRequest('a client must connect before anything else'));
    // What a client has sent before it knew.
    if (this.#state === 'REFUSED' || this.isClosed) return;
    if (this.#client?.countsCommand() === false) this.#fail(command, new CommandError('TOO_MANY_REQUESTS'));
    else if (!this.#waiting.add(command)) this.end(disconnectCodes.TOO_MANY_REQUESTS);
  }

  #connect(command: ConnectCommand): void {
    const { remoteAddress, headers } = this.#origination ?? {};
    const { token, data, name, version, positions } = command;
    this.#state = 'CONNECTING';
    this.#waiting.hold();
    this.#host.deadlines.clear(this);
    const request = { token, data, name, version, remoteAddress, headers, positions };
    this.#host.hub
      .connect(this, request, (client, result) => this.#connected(command, client, result))
      .catch((error: unknown) => this.#refused(command, error));
  }

  #connected(command: ConnectCommand, client: Client, result: ConnectResult): void {
    this.#client = client;
    if (this.isClosed) {
      client.closed(this.#disconnect);
      return;
    }
    const { dialect, settings } = this.#host;
    this.#state = 'OPEN';
    const ping = settings.pingInterval === Number.POSITIVE_INFINITY ? 0 : Math.ceil(settings.pingInterval / 1000);
    this.#say(dialect.connected(command, result, { ping, session: this.#origination?.session }));
    this.#origination = undefined;
    // Many clients may have come at once.
    this.#awaitPing(settings.pingInterval * (0.5 + Math.random() / 2));
    this.#waiting.release();
  }

  #refused(command: ConnectCommand, error: unknown): void {
    if (this.isClosed) return;
    this.#state = 'REFUSED';
    this.#waiting.clear();
    this.#fail(command, error);
    if (!this.isClosed) this.#host.deadlines.set(this, this.#host.settings.connectTimeout);
  }

  async #run(command: ClientCommand): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.isClosed) return;
    try {
      const answer = await carryOut(client, this.#host.dialect, command, (begun) => this.#say(begun));
      if (answer !== undefined) this.#say(answer);
    } catch (error) {
      this.#fail(command, error);
    }
  }

  #fail(command: ConnectCommand | ClientCommand, error: unknown): void {
    if (error instanceof DisconnectError) {
      this.end(error.disconnect);
      return;
    }
    const isForeseen = error instanceof CommandError;
    if (!isForeseen) this.#host.settings.observer.threw?.(command.type, error);
    const known = isForeseen ? error : new CommandError('INTERNAL');
    const answer = this.#host.dialect.failed(command, known);
    if (answer !== undefined) this.#say(answer);
  }

  // --- the line ------------------------------------------------------------------------------------------------------

  #say(answer: Answer): void {
    for (const message of typeof answer === 'string' ? [answer] : answer) {
      if (this.isClosed) return;
      const isSlow = this.#line.bufferedAmount > this.#host.settings.maxBufferedAmount;
      if (isSlow) this.end(disconnectCodes.SLOW);
      else this.#sent(this.#line.send(message));
    }
  }

  #sent(result: OutletResult | 'refused'): OutletResult {
    if (result !== 'refused') return result;
    this.end(disconnectCodes.SLOW);
    return 'closed';
  }

  #finish(): void {
    this.#state = 'CLOSED';
    this.#host.deadlines.clear(this);
    this.#waiting.clear();
    this.#origination = undefined;
  }
}

function badRequest(problem: string): Disconnect {
  const { code, reason } = disconnectCodes.BAD_REQUEST;
  return { code, reason: `${reason}: ${problem}` };
}
