import type { RaceLane } from '../race-messages.ts';
import { laneLooks } from './lanes.ts';

/** The line of a lane, as it is in the plots. */
export function Swatch({ lane }: { lane: RaceLane }) {
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
