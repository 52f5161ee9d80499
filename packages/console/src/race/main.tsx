import './race.css';
import { useRef } from 'preact/hooks';
import { showPage } from '../shared/page.tsx';
import { LaneTable } from './lane-table.tsx';
import { Method } from './method.tsx';
import { Plots } from './plots.tsx';
import { Settings } from './settings.tsx';
import { type RaceControls, type RaceStatus, useRace } from './use-race.ts';
import { Verdict } from './verdict.tsx';

/** A lively conversation, over a network such as that of a phone. */
const initial = { rate: 4, delay: 100 };

const endings: Readonly<Record<Exclude<RaceStatus, 'running'>, string>> = {
  stopped: 'Stopped.',
  time: 'Stopped after five minutes, so that a forgotten tab costs nothing.',
  full: 'This server runs as many races as it takes. Try again in a while.',
  lost: 'The connection to the server is lost.',
};

function RacePage() {
  const controls = useRace(initial);
  const { race, settings, set } = controls;
  const latest = useRef(controls);
  latest.current = controls;
  return (
    <main class="race">
      <section class="card race-head">
        <div class="card-head">
          <h1>Transport race</h1>
          <StartButton controls={controls} />
        </div>
        <Verdict race={race} />
        <Settings settings={settings} onChange={set} />
      </section>
      <LaneTable race={race} />
      <Plots race={() => latest.current.race} endedAt={() => latest.current.endedAt} />
      <Method race={race} />
    </main>
  );
}

function StartButton({ controls: { status, start, stop } }: { controls: RaceControls }) {
  return (
    <>
      <span class="hint" role="status" data-testid="status">
        {status === 'running' ? '' : endings[status]}
      </span>
      {status === 'running' ? (
        <button type="button" class="small" data-testid="stop" onClick={stop}>
          Stop
        </button>
      ) : (
        <button type="button" class="small primary" data-testid="start" onClick={start}>
          Race again
        </button>
      )}
    </>
  );
}

showPage('race', <RacePage />);
