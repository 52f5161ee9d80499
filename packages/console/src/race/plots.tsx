import { raceLanes } from '../race-messages.ts';
import { Plot, type PlotSource } from '../shared/plot.tsx';
import { laneLooks } from './lanes.ts';
import type { Race } from './race.ts';

const lines = raceLanes.map((name) => laneLooks[name]);

/** The time that the plot of the latencies shows, in seconds. */
const WINDOW = 20;

/** The plot of the bytes shows the whole race, and no less than this, in seconds. */
const LEAST = 10;

interface PlotsProps {
  /** The race that is run or was run last. */
  readonly race: () => Race | undefined;
  /** When that has ended, in seconds of the server's clock: the plots stand still from then on. */
  readonly endedAt: () => number | undefined;
}

/** The two plots: how long each message took, and what all of them have taken on the wire. */
export function Plots({ race, endedAt }: PlotsProps) {
  const origin = () => race()?.startedAt ?? 0;
  const now = () => endedAt() ?? race()?.now ?? 0;
  const empty = (): [number[], ...(number | null)[][]] => [[], ...raceLanes.map(() => [])];
  const latencies: PlotSource = {
    origin,
    columns: () => race()?.latencies.columns ?? empty(),
    window: () => {
      const to = Math.max(now(), origin() + WINDOW / 2);
      return race()?.startedAt === undefined ? undefined : [Math.max(origin(), to - WINDOW), to];
    },
  };
  const bytes: PlotSource = {
    origin,
    columns: () => race()?.costs.columns ?? empty(),
    window: () => (race()?.startedAt === undefined ? undefined : [origin(), Math.max(now(), origin() + LEAST)]),
  };
  return (
    <>
      <figure class="card latency-plot">
        <figcaption>
          <h2>Latency of each message</h2>
        </figcaption>
        <Plot
          label="The latency of each message over time, a line for each transport. The table has the numbers."
          source={latencies}
          lines={lines}
          formatValue={(value) => (value < 1000 ? `${value} ms` : `${value / 1000} s`)}
          leastTop={20}
          hasPoints
        />
        <Legend />
      </figure>
      <figure class="card bytes-plot">
        <figcaption>
          <h2>Bytes on the wire, all together</h2>
        </figcaption>
        <Plot
          label="The bytes on the wire since the start, a line for each transport. The table has the numbers."
          source={bytes}
          lines={lines}
          formatValue={(value) => (value < 1_000_000 ? `${value / 1000} kB` : `${value / 1_000_000} MB`)}
          leastTop={1000}
          hasPoints={false}
        />
      </figure>
    </>
  );
}

function Legend() {
  return (
    <ul class="legend" aria-hidden="true">
      {raceLanes.map((name) => (
        <li key={name}>
          <Swatch lane={name} /> {laneLooks[name].title}
        </li>
      ))}
    </ul>
  );
}

/** The line of a lane, as it is in the plots. */
export function Swatch({ lane }: { lane: (typeof raceLanes)[number] }) {
  const { colour, dash, width } = laneLooks[lane];
  return (
    <svg class="swatch" width="20" height="8" viewBox="0 0 20 8" aria-hidden="true">
      <line
        x1="0"
        y1="4"
        x2="20"
        y2="4"
        style={{ stroke: `var(${colour})` }}
        stroke-width={width + 1}
        stroke-dasharray={dash.join(' ')}
      />
    </svg>
  );
}
