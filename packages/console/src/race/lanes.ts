import type { RaceLane } from '../race-messages.ts';
import type { PlotLine } from '../shared/plot.tsx';

/** How a lane is shown. */
export interface LaneLook extends PlotLine {
  readonly title: string;
  /** What it does, in a few words. */
  readonly how: string;
}

export const laneLooks: Readonly<Record<RaceLane, LaneLook>> = {
  polling: {
    title: 'Interval polling',
    how: 'asks every second',
    colour: '--lane-polling',
    dash: [],
    width: 1.5,
  },
  'long-polling': {
    title: 'Long polling',
    how: 'asks, and is kept waiting',
    colour: '--lane-long-polling',
    dash: [],
    width: 1.5,
  },
  events: {
    title: 'Server-sent events',
    how: 'one endless answer, one way',
    colour: '--lane-events',
    dash: [2, 4],
    width: 1.5,
  },
  stream: {
    title: 'HTTP streaming',
    how: 'the same by hand, one way',
    colour: '--lane-stream',
    dash: [7, 4],
    width: 1.5,
  },
  websocket: {
    title: 'WebSocket',
    how: 'a connection, both ways',
    colour: '--lane-websocket',
    dash: [],
    width: 2.5,
  },
  'websocket-h2': {
    title: 'WebSocket over HTTP/2',
    how: 'a stream of one, both ways',
    colour: '--lane-websocket-h2',
    dash: [],
    width: 2.5,
  },
};
