import { useState } from 'preact/hooks';
import { chatLimits } from '../chat-messages.ts';

interface NameFormProps {
  readonly label: string;
  readonly action: string;
  readonly testId: string;
  readonly initial: string;
  readonly disabled: boolean;
  readonly onName: (name: string) => void;
}

/** Asks for a name. */
export function NameForm({ label, action, testId, initial, disabled, onName }: NameFormProps) {
  const [name, setName] = useState(initial);
  return (
    <form
      class="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = name.trim();
        if (trimmed === '') return;
        onName(trimmed);
      }}
    >
      <label>
        {label}
        <input
          data-testid="name"
          type="text"
          autoComplete="nickname"
          required
          maxLength={chatLimits.name}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" data-testid={testId} disabled={disabled || name.trim() === ''}>
        {action}
      </button>
    </form>
  );
}
