import {
  decodeRaceServerMessage,
  type RaceClientMessage,
  type RaceEnding,
  type RaceSettings,
} from '../race-messages.ts';
import { socketUrl } from '../shared/socket-url.ts';
import type { Tallies } from './costs.ts';
import { ServerClock } from './server-clock.ts';

export interface ControlHandlers {
  welcome(run: string): void;
  /** @param at in seconds, on the server's clock */
  tally(at: number, lanes: Tallies): void;
  /** @param reason `lost` if the connection is gone and the server has not said why */
  ended(reason: RaceEnding | 'lost'): void;
}

/** Between the questions for the server's time, in milliseconds: a few quick ones at first. */
const FIRST_PINGS = 100;
const PINGS = 2000;
const FIRST_COUNT = 6;

/** While a slider is dragged its value is sent no more often than this, in milliseconds. */
const SETTINGS_INTERVAL = 100;

/** The connection over which a run is opened, steered and measured. It is none of those that race. */
export class Control {
  readonly clock = new ServerClock();
  readonly #socket = new WebSocket(socketUrl('/race/control'));
  readonly #handlers: ControlHandlers;
  #pings = 0;
  #pinging: ReturnType<typeof setTimeout> | undefined;
  #settings: RaceSettings | undefined;
  #isWelcome = false;
  #sendingSettings: ReturnType<typeof setTimeout> | undefined;
  #ending: RaceEnding | undefined;

  constructor(handlers: ControlHandlers) {
    this.#handlers = handlers;
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data);
    this.#socket.onclose = () => {
      this.#stopTimers();
      handlers.ended(this.#ending ?? 'lost');
    };
  }

  start(): void {
    this.#send({ type: 'start' });
  }

  /** For what happens from now on. Before the welcome it waits for that. */
  set(settings: RaceSettings): void {
    this.#settings = settings;
    if (!this.#isWelcome || this.#sendingSettings !== undefined) return;
    this.#sendSettings();
    this.#sendingSettings = setTimeout(() => {
      this.#sendingSettings = undefined;
      if (this.#settings !== settings) this.#sendSettings();
    }, SETTINGS_INTERVAL);
  }

  /** Ends the run; no handler is called any more. */
  close(): void {
    this.#stopTimers();
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close();
  }

  #take(data: unknown): void {
    const message = decodeRaceServerMessage(data);
    if (message?.type === 'pong') this.clock.add(message.sent, performance.now(), message.at);
    else if (message?.type === 'tally') this.#handlers.tally(message.at / 1000, message.lanes);
    else if (message?.type === 'ended') this.#ending = message.reason;
    else if (message?.type === 'welcome') {
      this.#isWelcome = true;
      if (this.#settings !== undefined) this.set(this.#settings);
      this.#ping();
      this.#handlers.welcome(message.run);
    }
  }

  #ping(): void {
    this.#pings += 1;
    this.#send({ type: 'ping', sent: performance.now() });
    this.#pinging = setTimeout(() => this.#ping(), this.#pings < FIRST_COUNT ? FIRST_PINGS : PINGS);
  }

  #sendSettings(): void {
    if (this.#settings !== undefined) this.#send({ type: 'settings', ...this.#settings });
  }

  #send(message: RaceClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #stopTimers(): void {
    clearTimeout(this.#pinging);
    clearTimeout(this.#sendingSettings);
  }
}
