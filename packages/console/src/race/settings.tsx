import { type RaceSettings, raceLimits } from '../race-messages.ts';

/** What the slider for the rate can be set to: equal steps for the eye, from one every five seconds to fifty a second. */
const rates = [raceLimits.rate.min, 0.5, 1, 2, 4, 6, 8, 10, 15, 20, 30, 40, raceLimits.rate.max] as const;

const DELAY_STEP = 10;

interface SettingsProps {
  readonly settings: RaceSettings;
  readonly onChange: (settings: RaceSettings) => void;
}

/** The two sliders. */
export function Settings({ settings, onChange }: SettingsProps) {
  const { rate, delay } = settings;
  const index = Math.max(
    0,
    rates.findLastIndex((each) => each <= rate),
  );
  return (
    <div class="settings">
      <label>
        <span>
          Messages <output>{describeRate(rate)}</output>
        </span>
        <input
          type="range"
          data-testid="rate"
          min={0}
          max={rates.length - 1}
          value={index}
          aria-valuetext={describeRate(rate)}
          onInput={({ currentTarget }) => onChange({ ...settings, rate: rates[currentTarget.valueAsNumber] ?? rate })}
        />
      </label>
      <label>
        <span>
          Added network delay <output>{delay} ms</output>
        </span>
        <input
          type="range"
          data-testid="delay"
          min={raceLimits.delay.min}
          max={raceLimits.delay.max}
          step={DELAY_STEP}
          value={delay}
          aria-valuetext={`${delay} milliseconds there and back`}
          onInput={({ currentTarget }) => onChange({ ...settings, delay: currentTarget.valueAsNumber })}
        />
      </label>
    </div>
  );
}

function describeRate(rate: number): string {
  if (rate >= 1) return `${rate} per second`;
  return `one every ${1 / rate} s`;
}
