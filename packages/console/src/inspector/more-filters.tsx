import { useRef } from 'preact/hooks';
import { formatTime } from '../shared/format.ts';
import { type Filter, noFilter } from './store/filter.ts';

const kinds = [
  [1, 'Text'],
  [2, 'Binary'],
  [9, 'Ping'],
  [10, 'Pong'],
  [8, 'Close'],
] as const;

interface PartProps {
  readonly filter: Filter;
  readonly set: (change: Partial<Filter>) => void;
}

interface MoreFiltersProps extends PartProps {
  /** The second of the newest message, since 1970. */
  readonly newest: number | undefined;
}

/** What of a filter is not always in sight. */
export function MoreFilters({ filter, set, newest }: MoreFiltersProps) {
  const { opcodes, minLength, maxLength } = filter;
  const popover = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (popover.current !== null) popover.current.open = false;
  };
  const count =
    (opcodes.length > 0 ? 1 : 0) +
    (minLength !== undefined || maxLength !== undefined ? 1 : 0) +
    (filter.from !== undefined || filter.to !== undefined ? 1 : 0);
  return (
    <details
      class="popover"
      ref={popover}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
        popover.current?.querySelector('summary')?.focus();
      }}
      onFocusOut={({ relatedTarget, currentTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) close();
      }}
    >
      <summary class="button small" data-testid="more-filters">
        Type, size, time{count > 0 && ` (${count})`}
      </summary>
      <div class="card popover-card" tabIndex={-1}>
        <fieldset>
          <legend>Types</legend>
          {kinds.map(([opcode, title]) => (
            <label key={opcode} class="check">
              <input
                type="checkbox"
                checked={opcodes.includes(opcode)}
                onChange={({ currentTarget: { checked } }) =>
                  set({ opcodes: checked ? [...opcodes, opcode] : opcodes.filter((one) => one !== opcode) })
                }
              />
              {title}
            </label>
          ))}
        </fieldset>
        <fieldset class="sizes">
          <legend>Bytes of the payload</legend>
          <SizeField label="At least" value={minLength} onChange={(value) => set({ minLength: value })} />
          <SizeField label="At most" value={maxLength} onChange={(value) => set({ maxLength: value })} />
        </fieldset>
        <fieldset class="sizes">
          <legend>Time</legend>
          <TimeField label="From" value={filter.from} newest={newest} onChange={(from) => set({ from })} />
          <TimeField label="Until" value={filter.to} newest={newest} onChange={(to) => set({ to })} />
        </fieldset>
        <button
          type="button"
          class="small"
          onClick={() =>
            set({
              ...noFilter,
              from: undefined,
              to: undefined,
              direction: undefined,
              minLength: undefined,
              maxLength: undefined,
            })
          }
        >
          No filter
        </button>
      </div>
    </details>
  );
}

interface TimeFieldProps extends SizeFieldProps {
  /** The second of the newest message, since 1970: a time of day is that of its day. */
  readonly newest: number | undefined;
}

function TimeField({ label, value, newest, onChange }: TimeFieldProps) {
  return (
    <label>
      {label}
      <input
        type="time"
        step="1"
        value={value === undefined ? '' : formatTime(value).slice(0, 8)}
        onChange={({ currentTarget }) => onChange(timeOfDay(currentTarget.value, newest))}
      />
    </label>
  );
}

/** In milliseconds since 1970, in the reader's time zone. */
function timeOfDay(text: string, day: number | undefined): number | undefined {
  const [hours, minutes, seconds = 0] = text.split(':').map(Number);
  if (text === '' || hours === undefined || minutes === undefined) return undefined;
  return new Date(day === undefined ? Date.now() : day * 1000).setHours(hours, minutes, seconds, 0);
}

interface SizeFieldProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

export function SizeField({ label, value, onChange }: SizeFieldProps) {
  return (
    <label>
      {label}
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={value ?? ''}
        onInput={({ currentTarget }) => {
          const digits = currentTarget.value.trim();
          onChange(/^\d+$/.test(digits) ? Number(digits) : undefined);
        }}
      />
    </label>
  );
}

/** The part of the time that was chosen, in the plots or by hand. */
export function TimeChip({ filter: { from, to }, set }: PartProps) {
  if (from === undefined && to === undefined) return null;
  return (
    <p class="time-chip" data-testid="time-range">
      {from !== undefined && `From ${formatTime(from)} `}
      {to !== undefined && `until ${formatTime(to)}`}
      <button type="button" class="small" onClick={() => set({ from: undefined, to: undefined })}>
        All the time
      </button>
    </p>
  );
}
