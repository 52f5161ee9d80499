import type { RaceLane } from '@tidewire/console/race-messages';
import {
  type Acceptance,
  type OriginOption,
  type Rejection,
  type Socket,
  type UpgradeRequest,
  WebSocketEndpoint,
} from '@tidewire/server';
import { commonSettings, type EndpointLimits } from '../options.ts';
import type { Lane } from './lane.ts';
import { lastKnown, type StreamMessage } from './message-log.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

// The lane of the WebSocket: one handshake, and then a frame for each message. Which version of HTTP carries it is the
// browser's choice, so the lane is told by how the request came. A page that came over HTTP/2 asks a second time, with a
// dot at the end of the host's name: for that the browser has no connection yet, and so opens one of HTTP/1.1.

/** The page has nothing to say here. */
const MAX_MESSAGE = 125;

/** What may wait for a page that does not read, in bytes. */
const MAX_BUFFERED = 64 * 1024;

interface Racer {
  readonly run: Run;
  readonly lane: Lane;
  /** The number of the last message that the page has. */
  readonly after: number;
  readonly visit: RacerVisit;
  leave(): void;
}

/** What ends the request: at first by refusing it, later by closing the socket. */
interface RacerVisit {
  end(): void;
}

export function createSocketLane(runs: Runs, origin: OriginOption, options: EndpointLimits): WebSocketEndpoint<Racer> {
  return new WebSocketEndpoint<Racer>({
    ...commonSettings({ ...options, deflate: false }),
    limits: { maxMessageSize: MAX_MESSAGE, maxBufferedAmount: MAX_BUFFERED },
    origin,
    upgrade: (request) => {
      const run = runs.find(request.query.get('run'));
      return run === undefined || !run.requests.take(1) ? request.reject(404) : admit(run, request);
    },
    open: (socket) => {
      const { run, lane, after, visit, leave } = socket.data;
      visit.end = () => socket.close(1000);
      const pass = (messages: readonly StreamMessage[]): void =>
        lane.send(messages.length, () => {
          for (const { text } of messages) send(socket, text);
        });
      for (const missed of run.takeMissed(after)) pass(missed);
      const unsubscribe = run.subscribe((message) => pass([message]));
      void socket.closed.then(() => {
        unsubscribe();
        leave();
      });
    },
  });
}

/** Admits the request when the delay has let it come, and the answer go. */
function admit(run: Run, request: UpgradeRequest): Promise<Acceptance<Racer> | Rejection> | Rejection {
  const { incoming, signal } = request;
  const name: RaceLane = incoming.httpVersionMajor === 2 ? 'websocket-h2' : 'websocket';
  const lane = run.lane(name);
  const isSecond = withoutDot(request.host) !== request.host;
  // Where the first came over HTTP/1.1 already, the second has nothing to add.
  if (isSecond && lane.isTaken) return request.reject(409);
  const after = lastKnown(request.query.get('after'));
  return new Promise((resolve) => {
    const visit: RacerVisit = {
      end: () => {
        resolve(request.reject(503));
        leave();
      },
    };
    const leave = lane.enter(incoming, visit, () =>
      lane.send(0, () => resolve({ data: { run, lane, after, visit, leave } })),
    );
    signal.addEventListener('abort', leave, { once: true });
  });
}

function send(socket: Socket<Racer>, text: string): void {
  // A message that is left out would be a hole in the stream.
  if (socket.send(text) === 'refused') socket.terminate();
}

/** The host without the dot that its name may end with. */
export function withoutDot(host: string): string {
  return host.replace(/\.(?=:\d*$|$)/, '');
}
