import { decodeRaceClientMessage, type RaceServerMessage } from '@tidewire/console/race-messages';
import { type OriginOption, type Socket, WebSocketEndpoint } from '@tidewire/server';
import { commonSettings, type EndpointLimits } from '../options.ts';
import { Rate } from '../rate.ts';
import { now, type Run } from './run.ts';
import type { Runs } from './runs.ts';
import { passOver } from './shared-connection.ts';
import { takeTurn } from './turns.ts';
import type { Counts } from './wire-meter.ts';

// A run lives as long as its control connection: over it the page gets the run's id, says what it wants, learns what the
// lanes cost, and compares its clock with the server's. It takes no part in the race, and no delay is added to it.

/** How long a run may last, in seconds: a tab that somebody has forgotten does not go on for ever. */
const LONGEST = 300;

/** So often the page is told what the lanes have cost, in milliseconds. */
const TALLY_INTERVAL = 500;

/** Messages per second that a page may send: a slider that is dragged makes ten. */
const MESSAGE_RATE = 30;

/** The longest message of the protocol has not even a hundred bytes. */
const MAX_MESSAGE = 1024;

/** What may wait for a page that does not read, in bytes. */
const MAX_BUFFERED = 64 * 1024;

interface Guest {
  /** What carries the connection, in common with lanes if that is HTTP/2. */
  readonly carrier: Counts;
  readonly address: string;
  readonly rate: Rate;
  run: Run | undefined;
  timers: readonly NodeJS.Timeout[];
}

type ControlSocket = Socket<Guest>;

export function createControl(runs: Runs, origin: OriginOption, options: EndpointLimits): WebSocketEndpoint<Guest> {
  return new WebSocketEndpoint<Guest>({
    ...commonSettings({ ...options, deflate: false }),
    limits: { maxMessageSize: MAX_MESSAGE, maxBufferedAmount: MAX_BUFFERED },
    origin,
    upgrade: ({ remoteAddress = '', incoming }) => ({
      data: {
        carrier: incoming.socket,
        address: remoteAddress,
        rate: new Rate(MESSAGE_RATE),
        run: undefined,
        timers: [],
      },
    }),
    open: (socket) => begin(runs, socket),
    message: (socket, message) => take(socket, message),
    close: ({ data: { run, address, timers } }) => {
      for (const timer of timers) clearTimeout(timer);
      if (run !== undefined) runs.end(run, address);
    },
  });
}

function begin(runs: Runs, socket: ControlSocket): void {
  const { data } = socket;
  const run = runs.begin(data.address);
  if (run === undefined) {
    tell(socket, { type: 'ended', reason: 'full' });
    socket.close(1013, 'Too many races are being run');
    return;
  }
  data.run = run;
  // In a turn of its own: it may go over the connection that lanes are measured on.
  const report = () => takeTurn(() => tell(socket, { type: 'tally', at: now(), lanes: run.tallies() }));
  const tally = setInterval(report, TALLY_INTERVAL);
  const end = setTimeout(() => {
    tell(socket, { type: 'ended', reason: 'time' });
    socket.close(1000, 'The race is over its time');
    runs.end(run, data.address);
  }, LONGEST * 1000);
  data.timers = [tally, end];
  tell(socket, { type: 'welcome', run: run.id, seconds: LONGEST });
}

function take(socket: ControlSocket, data: string | Uint8Array): void {
  const { run, rate, carrier } = socket.data;
  passOver(carrier);
  const message = decodeRaceClientMessage(data);
  if (message === undefined) socket.close(1008, 'Not a message of the race');
  else if (!rate.take(1)) socket.close(1008, 'Too many messages');
  else if (message.type === 'ping') tell(socket, { type: 'pong', sent: message.sent, at: now() });
  else if (message.type === 'settings') run?.set(message);
  else run?.start();
}

function tell(socket: ControlSocket, message: RaceServerMessage): void {
  // Who does not read what it is told has gone, or might as well have.
  if (socket.send(JSON.stringify(message)) === 'refused') socket.terminate();
}
