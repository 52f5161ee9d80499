import type { Direction } from '@tidewire/inspector/recording';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { TimeStyle } from './message-row.tsx';
import { MoreFilters, TimeChip } from './more-filters.tsx';
import type { Filter } from './store/filter.ts';
import type { Inspector } from './use-inspector.ts';

export const FIND = 'find';

const times: Readonly<Record<TimeStyle, string>> = {
  clock: 'Time of day',
  opened: 'Since the opening',
  before: 'Since the one before',
};

interface FilterBarProps {
  readonly inspector: Inspector;
  readonly timeStyle: TimeStyle;
  readonly onTimeStyle: (style: TimeStyle) => void;
  readonly onGoTo: (direction: 'next' | 'previous') => void;
}

/** Which messages are shown, and what is looked for among them. */
export function FilterBar({ inspector, timeStyle, onTimeStyle, onGoTo }: FilterBarProps) {
  const { viewing } = inspector;
  const { filter } = viewing;
  const set = (change: Partial<Filter>) => {
    viewing.setFilter({ ...filter, ...change });
    inspector.draw();
  };
  return (
    <search class="filter-bar" aria-label="Messages">
      <div class="filter-line">
        <TextField
          id="filter"
          label="Filter"
          text={filter.text}
          isPattern={filter.isPattern}
          problem={viewing.filterProblem}
          onChange={(text, isPattern) => set({ text, isPattern })}
        />
        <select
          aria-label="Direction"
          data-testid="filter-direction"
          value={filter.direction ?? ''}
          onChange={({ currentTarget: { value } }) => set({ direction: readDirection(value) })}
        >
          <option value="">↑↓ Both ways</option>
          <option value="toServer">↑ To server</option>
          <option value="toClient">↓ To client</option>
        </select>
        <MoreFilters filter={filter} set={set} newest={viewing.rates.newest} />
      </div>
      <FindLine inspector={inspector} onGoTo={onGoTo}>
        <select
          aria-label="Times"
          data-testid="time-style"
          value={timeStyle}
          onChange={({ currentTarget: { value } }) => {
            if (value === 'clock' || value === 'opened' || value === 'before') onTimeStyle(value);
          }}
        >
          {Object.entries(times).map(([style, title]) => (
            <option key={style} value={style}>
              {title}
            </option>
          ))}
        </select>
      </FindLine>
      <TimeChip filter={filter} set={set} />
    </search>
  );
}

interface FindLineProps extends Pick<FilterBarProps, 'inspector' | 'onGoTo'> {
  readonly children: ComponentChildren;
}

function FindLine({ inspector, onGoTo, children }: FindLineProps) {
  const { viewing, selected } = inspector;
  const { find, hits } = viewing;
  const place = selected === undefined ? 0 : viewing.ordinalOf(selected);
  return (
    <div class="filter-line">
      <TextField
        id={FIND}
        label="Find"
        text={find.text}
        isPattern={find.isPattern}
        problem={viewing.findProblem}
        onChange={(text, isPattern) => {
          viewing.setFind({ text, isPattern });
          inspector.draw();
        }}
        onEnter={(event) => onGoTo(event.shiftKey ? 'previous' : 'next')}
      />
      <output class="hit-count" for={FIND} data-testid="hits">
        {hits !== undefined &&
          `${place > 0 ? `${place.toLocaleString('en')} of ` : ''}${hits.length.toLocaleString('en')}`}
      </output>
      <button
        type="button"
        class="small"
        aria-label="Previous hit"
        disabled={!hits?.length}
        onClick={() => onGoTo('previous')}
      >
        ↑
      </button>
      <button type="button" class="small" aria-label="Next hit" disabled={!hits?.length} onClick={() => onGoTo('next')}>
        ↓
      </button>
      {children}
    </div>
  );
}

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly isPattern: boolean;
  readonly problem: string | undefined;
  readonly onChange: (text: string, isPattern: boolean) => void;
  readonly onEnter?: (event: KeyboardEvent) => void;
}

function TextField({ id, label, text, isPattern, problem, onChange, onEnter }: TextFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div class="text-field">
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <input
        ref={field}
        id={id}
        data-testid={id}
        type="text"
        placeholder={`${label}: ${isPattern ? 'regular expression' : 'text'}`}
        autoComplete="off"
        spellcheck={false}
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onInput={({ currentTarget }) => onChange(currentTarget.value, isPattern)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter?.(event);
        }}
      />
      <button
        type="button"
        class="pattern-toggle"
        aria-pressed={isPattern}
        aria-label={`${label} by a regular expression`}
        title="Regular expression"
        data-testid={`${id}-pattern`}
        onClick={() => onChange(text, !isPattern)}
      >
        .*
      </button>
      <p id={`${id}-problem`} class="error field-problem" role="status" data-testid={`${id}-problem`}>
        {problem}
      </p>
    </div>
  );
}

function readDirection(value: string): Direction | undefined {
  return value === 'toServer' || value === 'toClient' ? value : undefined;
}
