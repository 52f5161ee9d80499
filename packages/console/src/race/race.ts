import { type RaceEnding, type RaceLane, type RaceSettings, raceLanes } from '../race-messages.ts';
import { Control } from './control.ts';
import { Costs } from './costs.ts';
import { Latencies } from './latencies.ts';
import { openLongPolling, openPolling } from './polling.ts';
import { openEvents, openStream } from './streaming.ts';
import { createTrack, type OpenLane } from './track.ts';
import { openOverHttp1, openWebSocket } from './web-socket.ts';

interface Transport {
  readonly lane: RaceLane;
  readonly open: OpenLane;
}

const requests: readonly Transport[] = [
  { lane: 'polling', open: openPolling },
  { lane: 'long-polling', open: openLongPolling },
  { lane: 'events', open: openEvents },
  { lane: 'stream', open: openStream },
];

/** One WebSocket, as the browser will have it; or two, where it would have that over HTTP/2. */
const sockets: readonly Transport[] = pageCameOverHttp2()
  ? [
      { lane: 'websocket-h2', open: openWebSocket },
      { lane: 'websocket', open: openOverHttp1 },
    ]
  : [{ lane: 'websocket', open: openWebSocket }];

/** The stream begins when all lanes are open, or after so many milliseconds. */
const STARTS_WITHIN = 1500;

/** One race: the lanes that are open, and what has been measured on them. It runs from its making on. */
export class Race {
  readonly latencies = new Latencies(raceLanes);
  readonly costs = new Costs(raceLanes);
  /** When the stream began, in seconds of the server's clock. */
  startedAt: number | undefined;
  readonly #control: Control;
  #closes: (() => void)[] = [];
  #starting: ReturnType<typeof setTimeout> | undefined;
  /** Whether a WebSocket has come over HTTP/2: the browser chooses the version, and the server says which it was. */
  #hasHttp2 = pageCameOverHttp2();

  /** @param ended called if the race ends otherwise than by `stop` */
  constructor(settings: RaceSettings, changed: () => void, ended: (reason: RaceEnding | 'lost') => void) {
    this.#control = new Control({
      welcome: (run) => this.#open(run),
      tally: (at, lanes) => {
        if (lanes['websocket-h2'] !== undefined) this.#hasHttp2 = true;
        else if (lanes.websocket !== undefined) this.#hasHttp2 = false;
        this.costs.add(at, lanes);
        changed();
      },
      ended: (reason) => {
        this.#closeLanes();
        ended(reason);
      },
    });
    this.#control.set(settings);
  }

  /** The server's time, in seconds. */
  get now(): number {
    return this.#control.clock.at(performance.now()) / 1000;
  }

  /** How far the comparison of the clocks may be off, in milliseconds. */
  get uncertainty(): number | undefined {
    return this.#control.clock.uncertainty;
  }

  set(settings: RaceSettings): void {
    this.#control.set(settings);
  }

  stop(): void {
    this.#closeLanes();
    this.#control.close();
  }

  #open(run: string): void {
    const transports = [...requests, ...sockets];
    const waiting = new Set(transports);
    this.#closes = transports.map((transport) => {
      const { lane, open } = transport;
      const track = createTrack(
        run,
        () => {
          waiting.delete(transport);
          if (waiting.size === 0) this.#start();
        },
        (message) => {
          const name = lane === 'websocket-h2' && !this.#hasHttp2 ? 'websocket' : lane;
          this.latencies.record(name, message, this.#control.clock.at(performance.now()) - message.at);
        },
      );
      return open(track);
    });
    this.#starting = setTimeout(() => this.#start(), STARTS_WITHIN);
  }

  #start(): void {
    if (this.startedAt !== undefined) return;
    clearTimeout(this.#starting);
    this.startedAt = this.now;
    this.#control.start();
  }

  #closeLanes(): void {
    clearTimeout(this.#starting);
    for (const close of this.#closes) close();
    this.#closes = [];
  }
}

function pageCameOverHttp2(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation instanceof PerformanceNavigationTiming && navigation.nextHopProtocol === 'h2';
}
