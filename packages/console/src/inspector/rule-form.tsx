import type { Direction, Match, Rule } from '@tidewire/inspector/recording';
import { useState } from 'preact/hooks';
import { SizeField } from './more-filters.tsx';
import { compileText } from './store/filter.ts';

type ActionType = Rule['action']['type'];

const actions: Readonly<Record<ActionType, string>> = {
  hold: 'Hold, for a person to look at',
  drop: 'Drop',
  delay: 'Delay',
  close: 'Close the connection',
};

interface RuleFormProps {
  /** The one that is edited; left out for a new one. */
  readonly rule: Rule | undefined;
  /** The connection that is looked at. */
  readonly connection: number | undefined;
  readonly onSave: (rule: Rule) => void;
  readonly onCancel?: (() => void) | undefined;
}

export function RuleForm({ rule, connection, onSave, onCancel }: RuleFormProps) {
  const [action, setAction] = useState<Rule['action']>(rule?.action ?? { type: 'hold' });
  const [match, setMatch] = useState<Match>(rule?.match ?? {});
  const [percent, setPercent] = useState<number | undefined>(Math.round((rule?.share ?? 1) * 100));
  const { problem } = compileText(match.pattern ?? '', true);
  const isComplete = problem === undefined && percent !== undefined && percent > 0 && percent <= 100;
  return (
    <form
      class="rule-form"
      aria-label={rule === undefined ? 'A new rule' : 'Edit the rule'}
      data-testid="rule-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isComplete) return;
        const share = percent < 100 ? percent / 100 : undefined;
        onSave({ id: 0, isOn: true, ...rule, match: withoutEmpty(match), action, share });
      }}
    >
      <ActionFields action={action} onChange={setAction} />
      <label>
        Direction
        <select
          value={match.direction ?? ''}
          data-testid="rule-direction"
          onChange={({ currentTarget: { value } }) => setMatch({ ...match, direction: readDirection(value) })}
        >
          <option value="">Both ways</option>
          <option value="toServer">To the server</option>
          <option value="toClient">To the client</option>
        </select>
      </label>
      <label>
        Types
        <select
          value={match.opcodes?.[0] ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setMatch({ ...match, opcodes: value === '' ? undefined : [Number(value)] })
          }
        >
          <option value="">All</option>
          <option value="1">Text</option>
          <option value="2">Binary</option>
        </select>
      </label>
      <label>
        With the text
        <input
          type="text"
          autoComplete="off"
          data-testid="rule-text"
          value={match.text ?? ''}
          onInput={({ currentTarget: { value } }) => setMatch({ ...match, text: value })}
        />
      </label>
      <label>
        That match the regular expression
        <input
          type="text"
          autoComplete="off"
          value={match.pattern ?? ''}
          aria-invalid={problem !== undefined}
          onInput={({ currentTarget: { value } }) => setMatch({ ...match, pattern: value })}
        />
        {problem !== undefined && <span class="error">{problem}</span>}
      </label>
      <div class="fields">
        <SizeField
          label="Bytes, at least"
          value={match.minLength}
          onChange={(minLength) => setMatch({ ...match, minLength })}
        />
        <SizeField
          label="Bytes, at most"
          value={match.maxLength}
          onChange={(maxLength) => setMatch({ ...match, maxLength })}
        />
        <SizeField label="Share, in %" value={percent} onChange={setPercent} />
      </div>
      {connection !== undefined && (
        <label class="check">
          <input
            type="checkbox"
            checked={match.connection === connection}
            onChange={({ currentTarget: { checked } }) =>
              setMatch({ ...match, connection: checked ? connection : undefined })
            }
          />
          Connection #{connection} only
        </label>
      )}
      <div class="buttons">
        <button type="submit" class="small primary" data-testid="save-rule" disabled={!isComplete}>
          {rule === undefined ? 'Add the rule' : 'Save the rule'}
        </button>
        {onCancel !== undefined && (
          <button type="button" class="small" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

interface ActionFieldsProps {
  readonly action: Rule['action'];
  readonly onChange: (action: Rule['action']) => void;
}

function ActionFields({ action, onChange }: ActionFieldsProps) {
  return (
    <>
      <label>
        What to do
        <select
          value={action.type}
          data-testid="rule-action"
          onChange={({ currentTarget: { value } }) => onChange(actionOf(value))}
        >
          {Object.entries(actions).map(([type, title]) => (
            <option key={type} value={type}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {action.type === 'delay' && (
        <SizeField label="By, in ms" value={action.by} onChange={(by) => onChange({ ...action, by: by ?? 0 })} />
      )}
      {action.type === 'close' && (
        <div class="fields">
          <SizeField label="Code" value={action.code} onChange={(code) => onChange({ ...action, code: code ?? 0 })} />
          <label>
            Reason
            <input
              type="text"
              autoComplete="off"
              value={action.reason}
              onInput={({ currentTarget: { value } }) => onChange({ ...action, reason: value })}
            />
          </label>
        </div>
      )}
    </>
  );
}

function actionOf(type: string): Rule['action'] {
  if (type === 'delay') return { type, by: 1000 };
  if (type === 'close') return { type, code: 1011, reason: '' };
  return { type: type === 'drop' ? 'drop' : 'hold' };
}

function readDirection(value: string): Direction | undefined {
  return value === 'toServer' || value === 'toClient' ? value : undefined;
}

function withoutEmpty({ text, pattern, ...match }: Match): Match {
  return { ...match, ...(text ? { text } : {}), ...(pattern ? { pattern } : {}) };
}
