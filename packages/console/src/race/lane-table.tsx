import { type RaceLane, raceLanes } from '../race-messages.ts';
import { laneLooks } from './lanes.ts';
import { formatBytes, formatCpu, formatLatency } from './numbers.ts';
import type { Race } from './race.ts';
import { Swatch } from './swatch.tsx';

/** The latency in the table is the median of so many seconds. */
const WINDOW = 10;

interface Standing {
  readonly latency: number | undefined;
  readonly bytes: number | undefined;
  readonly requests: number | undefined;
  readonly cpu: number | undefined;
}

/** The numbers of one lane as they are now. */
export function standingOf(race: Race | undefined, lane: RaceLane): Standing {
  const cost = race?.costs.perMessage(lane);
  return {
    latency: race?.latencies.median(lane, race.now - WINDOW),
    bytes: cost?.bytes,
    requests: race?.costs.latest(lane)?.requests,
    cpu: cost?.cpu,
  };
}

const columns = [
  { key: 'latency', title: 'Latency', unit: 'median', format: formatLatency },
  { key: 'bytes', title: 'On the wire', unit: 'per message', format: formatBytes },
  { key: 'requests', title: 'Requests', unit: 'so far', format: (count: number) => count.toLocaleString('en') },
  { key: 'cpu', title: 'Server CPU', unit: 'per message', format: formatCpu },
] as const;

/** What each lane has come to, side by side. */
export function LaneTable({ race }: { race: Race | undefined }) {
  const rows = raceLanes.map((lane) => ({ lane, standing: standingOf(race, lane), absence: absenceOf(lane, race) }));
  const most = (key: keyof Standing) => Math.max(...rows.map(({ standing }) => standing[key] ?? 0));
  return (
    <section class="card lanes-card" aria-labelledby="lanes">
      <h2 id="lanes" class="visually-hidden">
        The lanes
      </h2>
      <table class="lanes">
        <thead>
          <tr>
            <th scope="col">Transport</th>
            {columns.map(({ key, title, unit }) => (
              <th key={key} scope="col">
                {title} <span>{unit}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ lane, standing, absence }) => (
            <tr key={lane} data-testid={`lane-${lane}`}>
              <th scope="row">
                <span class="lane-title">
                  <Swatch lane={lane} /> {laneLooks[lane].title}
                </span>
                <span class="hint">{laneLooks[lane].how}</span>
              </th>
              {absence === undefined ? (
                columns.map(({ key, title, format }) => (
                  <td key={key} data-title={title} data-testid={key}>
                    <Bar value={standing[key]} most={most(key)} colour={laneLooks[lane].colour} format={format} />
                  </td>
                ))
              ) : (
                <td class="absence" colSpan={columns.length}>
                  {absence}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        Streams come close to the WebSocket here because only the server speaks. They go one way: what a page has to say
        takes a request each time, with all its headers. A WebSocket goes both ways.
      </p>
    </section>
  );
}

interface BarProps {
  readonly value: number | undefined;
  readonly most: number;
  readonly colour: string;
  readonly format: (value: number) => string;
}

function Bar({ value, most, colour, format }: BarProps) {
  const share = value === undefined || most === 0 ? 0 : value / most;
  return (
    <>
      <span class="value">{value === undefined ? '–' : format(value)}</span>
      <span class="bar">
        <span class="bar-fill" style={{ width: `${Math.max(1, share * 100)}%`, background: `var(${colour})` }} />
      </span>
    </>
  );
}

/** Why a lane is not in the race, if it is not. */
function absenceOf(lane: RaceLane, race: Race | undefined): string | undefined {
  const isThere = (name: RaceLane) => race?.costs.latest(name) !== undefined;
  if (isThere(lane)) return undefined;
  if (lane === 'websocket' && isThere('websocket-h2')) {
    return 'Not here: this browser carries its WebSockets on the page’s HTTP/2 connection. Open the page by a name, not by an IP address.';
  }
  if (lane !== 'websocket-h2') return undefined;
  if (location.protocol !== 'https:') {
    return 'Needs HTTPS: browsers speak HTTP/2 over TLS only, and this page came without.';
  }
  return isThere('websocket') ? 'Not here: this browser has chosen HTTP/1.1 for it.' : undefined;
}
