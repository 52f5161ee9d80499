import { useState } from 'preact/hooks';
import { FileButton } from '../shared/files.tsx';
import { parseHex } from '../shared/hex.ts';

interface ComposerProps {
  readonly disabled: boolean;
  readonly onSend: (data: string | Uint8Array<ArrayBuffer>) => void;
  readonly onFiles: (files: File[]) => void;
}

/** The message to send: text, or bytes written in hexadecimal. */
export function Composer({ disabled, onSend, onFiles }: ComposerProps) {
  const [text, setText] = useState('');
  const [binary, setBinary] = useState(false);
  const data = binary ? parseHex(text) : text;

  const send = () => {
    if (disabled || data === undefined) return;
    onSend(data);
    setText('');
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        data-testid="message"
        rows={2}
        aria-label="Message"
        aria-invalid={data === undefined}
        aria-describedby="message-hint"
        spellcheck={!binary}
        placeholder={binary ? 'Bytes in hexadecimal: 48 65 6c 6c 6f' : 'Message'}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-row">
        <label class="check">
          <input
            type="checkbox"
            data-testid="binary"
            checked={binary}
            onChange={({ currentTarget }) => setBinary(currentTarget.checked)}
          />
          Send as binary, from hex
        </label>
        <FileButton label="Files…" disabled={disabled} onFiles={onFiles} />
        <button type="submit" class="primary" data-testid="send" disabled={disabled || data === undefined}>
          Send
        </button>
      </div>
      <p id="message-hint" class="hint">
        {data === undefined
          ? 'Hexadecimal needs two digits for each byte.'
          : 'Enter sends, Shift+Enter breaks the line. Files can be dropped anywhere on the page.'}
      </p>
    </form>
  );
}
