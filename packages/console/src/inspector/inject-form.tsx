import type { Direction } from '@tidewire/inspector/recording';
import { useState } from 'preact/hooks';
import { type ContentFormat, readContent } from './content.ts';
import { ContentEditor } from './content-editor.tsx';
import type { Inspector } from './use-inspector.ts';

/** Puts a message into a connection, either way. */
export function InjectForm({ inspector, id }: { inspector: Inspector; id: number }) {
  const [format, setFormat] = useState<ContentFormat>('text');
  const [text, setText] = useState('');
  const content = readContent(format, text);
  const send = (direction: Direction) => {
    if (typeof content !== 'string') void inspector.order({ type: 'inject', connection: id, direction, content });
  };
  return (
    <form
      class="inject-form"
      aria-label="Payload"
      onSubmit={(event) => {
        event.preventDefault();
        send('toServer');
      }}
    >
      <ContentEditor
        label="Payload"
        {...{ format, text }}
        onChange={(newFormat, newText) => {
          setFormat(newFormat);
          setText(newText);
        }}
      />
      <div class="buttons">
        <button type="submit" class="small" data-testid="inject-server" disabled={typeof content === 'string'}>
          <span aria-hidden="true">↑</span> Send to server
        </button>
        <button
          type="button"
          class="small"
          data-testid="inject-client"
          disabled={typeof content === 'string'}
          onClick={() => send('toClient')}
        >
          <span aria-hidden="true">↓</span> Send to client
        </button>
      </div>
    </form>
  );
}
