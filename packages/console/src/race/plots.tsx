import { raceLanes } from '../race-messages.ts';
import { Plot, type PlotSource } from '../shared/plot.tsx';
import { standingOf } from './lane-table.tsx';
import { laneLooks } from './lanes.ts';
import { formatBytes, formatLatency } from './numbers.ts';
import type { Race } from './race.ts';
import { Swatch } from './swatch.tsx';

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
          label={described(
            'The latency of each message over time, a line for each transport',
            race(),
            'latency',
            formatLatency,
          )}
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
          label={described(
            'The bytes on the wire since the start, a line for each transport',
            race(),
            'bytes',
            formatBytes,
          )}
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

/** What a plot shows, and what it comes to, for who does not see it. */
function described(
  what: string,
  race: Race | undefined,
  key: 'latency' | 'bytes',
  format: (value: number) => string,
): string {
  const results = raceLanes.flatMap((lane) => {
    const value = standingOf(race, lane)[key];
    return value === undefined ? [] : [`${laneLooks[lane].title} ${format(value)}`];
  });
  if (results.length === 0) return `${what}.`;
  return `${what}. ${key === 'latency' ? 'Median now' : 'Per message'}: ${results.join(', ')}.`;
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
