import { useRef } from 'preact/hooks';
import { formatTime } from '../shared/format.ts';
import { Plot, type PlotLine, type PlotSource } from '../shared/plot.tsx';
import type { Inspector } from './use-inspector.ts';

// How much goes each way, second by second. Dragging over a part of it shows the messages of that time alone.

/** The time that is shown at least and at most, in seconds. */
const LEAST = 30;
const MOST = 120;
/** Silence moves on with the clock for so long, in seconds: then it is a recording of another day. */
const PATIENCE = 600;

const HEIGHT = 110;

const lines: readonly PlotLine[] = [
  { colour: '--to-server', dash: [], width: 2 },
  { colour: '--to-client', dash: [6, 3], width: 2 },
];

export function Timeline({ inspector }: { inspector: Inspector }) {
  const latest = useRef(inspector);
  latest.current = inspector;
  const { current: sources } = useRef({ messages: source('messages', latest), bytes: source('bytes', latest) });
  const choose = (from: number, to: number) => {
    const { viewing, draw } = latest.current;
    viewing.setFilter({ ...viewing.filter, from: from * 1000, to: to * 1000 });
    draw();
  };
  const scope = inspector.viewing.scope === undefined ? 'of all connections' : 'of this connection';
  const common = { lines, height: HEIGHT, formatTime: formatSecond, onChoose: choose, hasPoints: false };
  return (
    <div class="timeline" data-testid="timeline">
      <figure>
        <figcaption>
          Messages a second
          <Legend />
        </figcaption>
        <Plot
          label={`Messages a second ${scope}, to the server and to the client.`}
          source={sources.messages}
          formatValue={(value) => value.toLocaleString('en', { notation: 'compact' })}
          leastTop={5}
          {...common}
        />
      </figure>
      <figure>
        <figcaption>Bytes a second, on the wire</figcaption>
        <Plot
          label={`Bytes a second on the wire ${scope}, to the server and to the client.`}
          source={sources.bytes}
          formatValue={(value) => (value < 1_000_000 ? `${value / 1000} kB` : `${value / 1_000_000} MB`)}
          leastTop={1000}
          {...common}
        />
      </figure>
    </div>
  );
}

function source(of: 'messages' | 'bytes', latest: { readonly current: Inspector }): PlotSource {
  const shown = (): readonly [from: number, to: number] | undefined => {
    const { viewing, isPaused } = latest.current;
    const { oldest, newest } = viewing.rates;
    if (oldest === undefined || newest === undefined) return undefined;
    // The second that has not passed yet would always look like a fall.
    const now = Math.floor(Date.now() / 1000) - 1;
    const to = !isPaused && now > newest && now - newest < PATIENCE ? now : newest;
    return [Math.max(to - MOST, Math.min(oldest, to - LEAST)), to];
  };
  return {
    origin: () => 0,
    window: shown,
    columns() {
      const [from, to] = shown() ?? [0, -1];
      return latest.current.viewing.rates.columns(of, from, to);
    },
    chosen() {
      const { from, to } = latest.current.viewing.filter;
      if (from === undefined && to === undefined) return undefined;
      return [(from ?? 0) / 1000, (to ?? Number.MAX_SAFE_INTEGER) / 1000];
    },
  };
}

function formatSecond(at: number): string {
  return formatTime(at * 1000).slice(0, 8);
}

function Legend() {
  return (
    <span class="timeline-legend" aria-hidden="true">
      <span class="toServer">↑ server</span> <span class="toClient">↓ client ┄</span>
    </span>
  );
}
