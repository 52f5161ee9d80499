import { useEffect, useRef, useState } from 'preact/hooks';
import { imageTypes } from '../chat-messages.ts';
import { FileButton } from '../shared/files.tsx';

interface ComposerProps {
  readonly disabled: boolean;
  readonly maxLength: number;
  /** Photos on their way. */
  readonly sending: number;
  /** @returns whether it was taken */
  readonly onSay: (text: string) => Promise<boolean>;
  readonly onType: (isTyping: boolean) => void;
  readonly onImages: (files: File[]) => void;
}

/** What to say, and which images to show. */
export function Composer({ disabled, maxLength, sending, onSay, onType, onImages }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const blank = text.trim() === '';

  useEffect(() => field.current?.focus(), []);

  const say = async () => {
    if (disabled || blank) return;
    setText('');
    // What was not taken comes back, unless something else is being written.
    if (!(await onSay(text))) setText((now) => (now === '' ? text : now));
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void say();
      }}
    >
      <FileButton
        label={sending > 0 ? 'Sending…' : 'Photo…'}
        accept={imageTypes.join(',')}
        disabled={disabled}
        onFiles={onImages}
      />
      <textarea
        ref={field}
        data-testid="message"
        rows={1}
        aria-label="Message"
        placeholder="Message"
        maxLength={maxLength}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          if (!disabled) onType(currentTarget.value.trim() !== '');
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void say();
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
