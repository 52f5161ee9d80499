import { useEffect, useRef, useState } from 'preact/hooks';
import { imageTypes } from '../chat-messages.ts';
import { FileButton } from '../shared/files.tsx';

interface ComposerProps {
  readonly disabled: boolean;
  readonly maxLength: number;
  readonly onSay: (text: string) => void;
  readonly onImages: (files: File[]) => void;
}

/** What to say, and which images to show. */
export function Composer({ disabled, maxLength, onSay, onImages }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const blank = text.trim() === '';

  useEffect(() => field.current?.focus(), []);

  const say = () => {
    if (disabled || blank) return;
    onSay(text);
    setText('');
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        say();
      }}
    >
      <FileButton label="Image…" accept={imageTypes.join(',')} disabled={disabled} onFiles={onImages} />
      <textarea
        ref={field}
        data-testid="message"
        rows={1}
        aria-label="Message"
        placeholder="Message"
        maxLength={maxLength}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          say();
        }}
        onPaste={(event) => {
          const files = [...(event.clipboardData?.files ?? [])];
          if (files.length === 0 || disabled) return;
          event.preventDefault();
          onImages(files);
        }}
      />
      <button type="submit" class="primary" data-testid="send" disabled={disabled || blank}>
        Send
      </button>
    </form>
  );
}
