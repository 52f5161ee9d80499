import type { Rule } from '@tidewire/inspector/recording';
import { useState } from 'preact/hooks';
import { Dialog } from '../shared/dialog.tsx';
import { RuleForm } from './rule-form.tsx';
import { describeRule } from './rule-words.ts';
import type { Inspector } from './use-inspector.ts';

interface RulesDialogProps {
  readonly inspector: Inspector;
  readonly onClose: () => void;
}

/** What is done with messages on their way. */
export function RulesDialog({ inspector, onClose }: RulesDialogProps) {
  const { rules } = inspector.store;
  const [editing, setEditing] = useState<Rule>();
  const put = (changed: readonly Rule[]) => inspector.order({ type: 'rules', rules: changed });
  const replace = (rule: Rule) => put(rules.map((one) => (one.id === rule.id ? rule : one)));
  return (
    <Dialog title="Rules" hasClose onClose={onClose}>
      <p class="hint">
        What is done with messages on their way. The first rule that a message matches counts. Ping, Pong and Close
        frames are never held or delayed.
      </p>
      {rules.length === 0 && <p class="muted">There are no rules: everything goes on as it comes.</p>}
      <ol class="rules" data-testid="rule-list">
        {rules.map((rule, index) => (
          <li key={rule.id}>
            <label class="check">
              <input
                type="checkbox"
                checked={rule.isOn}
                aria-label={`On: ${describeRule(rule)}`}
                onChange={({ currentTarget: { checked } }) => replace({ ...rule, isOn: checked })}
              />
              <span>{describeRule(rule)}</span>
            </label>
            <span class="buttons">
              <button
                type="button"
                class="small"
                aria-label="Move up"
                disabled={index === 0}
                onClick={() => put(moveUp(rules, index))}
              >
                ↑
              </button>
              <button type="button" class="small" onClick={() => setEditing(rule)}>
                Edit
              </button>
              <button type="button" class="small" onClick={() => put(rules.filter(({ id }) => id !== rule.id))}>
                Delete
              </button>
            </span>
          </li>
        ))}
      </ol>
      <RuleForm
        key={editing?.id ?? `new-${rules.length}`}
        rule={editing}
        connection={inspector.viewing.scope}
        onCancel={editing && (() => setEditing(undefined))}
        onSave={(rule) => {
          if (editing !== undefined) void replace({ ...rule, id: editing.id });
          else void put([...rules, { ...rule, id: Math.max(0, ...rules.map(({ id }) => id)) + 1 }]);
          setEditing(undefined);
        }}
      />
    </Dialog>
  );
}

function moveUp(rules: readonly Rule[], index: number): readonly Rule[] {
  const [rule] = rules.slice(index, index + 1);
  const others = rules.filter((_, at) => at !== index);
  return rule === undefined ? rules : [...others.slice(0, index - 1), rule, ...others.slice(index - 1)];
}
