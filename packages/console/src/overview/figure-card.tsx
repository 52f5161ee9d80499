import { formatTime } from '../shared/format.ts';
import { Plot, type PlotSource } from '../shared/plot.tsx';
import { type Figure, looks } from './figures.tsx';
import { MOMENTS, type Watch } from './watch.ts';

/** The time that is shown at least, in seconds. */
const LEAST = 60;

interface FigureCardProps {
  readonly figure: Figure;
  readonly watch: Watch;
  /** `''` for all together. */
  readonly node: string;
}

/** One figure: what it is now, and what it was in the last minutes. */
export function FigureCard({ figure, watch, node }: FigureCardProps) {
  const { id, title, lines, format, leastTop } = figure;
  const reading = watch.reading(node);
  const source: PlotSource = {
    origin: () => 0,
    columns: () => {
      const moments = watch.moments(node);
      return [
        moments.map(({ at }) => at),
        ...lines.map(({ read }) => moments.map(({ reading }) => (reading && read(reading)) ?? null)),
      ];
    },
    window: () => {
      const moments = watch.moments(node);
      const [first] = moments;
      const last = moments.at(-1);
      if (first === undefined || last === undefined) return undefined;
      return [Math.max(last.at - MOMENTS, Math.min(first.at, last.at - LEAST)), last.at];
    },
  };
  return (
    <figure class="card figure" data-testid={`figure-${id}`}>
      <figcaption>
        <h2>{title}</h2>
        <dl>
          {lines.map(({ title, read }, index) => {
            const value = reading && read(reading);
            return (
              <div key={title}>
                <dt>
                  <span class={`swatch line-${index}`} aria-hidden="true" /> {title}
                </dt>
                <dd data-testid={title}>{value === undefined ? '–' : format(value)}</dd>
              </div>
            );
          })}
        </dl>
      </figcaption>
      <Plot
        label={`${title} over the last five minutes: ${lines.map(({ title }) => title).join(' and ')}.`}
        source={source}
        lines={looks.slice(0, lines.length)}
        formatValue={format}
        formatTime={(at) => formatTime(at * 1000).slice(0, 8)}
        leastTop={leastTop}
        hasPoints={false}
        height={130}
      />
    </figure>
  );
}
