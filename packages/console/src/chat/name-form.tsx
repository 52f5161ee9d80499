import { useState } from 'preact/hooks';
import { chatLimits } from '../chat-messages.ts';

const storageKey = 'tidewire.chat.name';

/** The name that was used last in this browser. */
export function rememberedName(): string {
  try {
    return localStorage.getItem(storageKey) ?? '';
  } catch {
    return '';
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(storageKey, name);
  } catch {
    // A browser that stores nothing asks for the name again next time.
  }
}

interface NameFormProps {
  readonly label: string;
  readonly action: string;
  readonly testId: string;
  readonly initial: string;
  readonly disabled: boolean;
  readonly onName: (name: string) => void;
}

/** Asks for a name, and remembers it. */
export function NameForm({ label, action, testId, initial, disabled, onName }: NameFormProps) {
  const [name, setName] = useState(initial);
  return (
    <form
      class="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = name.trim();
        if (trimmed === '') return;
        rememberName(trimmed);
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
