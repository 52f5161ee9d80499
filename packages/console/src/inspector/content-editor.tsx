import { useId } from 'preact/hooks';
import { type ContentFormat, formatTitles, readContent } from './content.ts';

interface ContentEditorProps {
  readonly label: string;
  readonly format: ContentFormat;
  readonly text: string;
  readonly onChange: (format: ContentFormat, text: string) => void;
}

/** Where a person writes what is sent. */
export function ContentEditor({ label, format, text, onChange }: ContentEditorProps) {
  const id = useId();
  const content = readContent(format, text);
  const problem = typeof content === 'string' && text !== '' ? content : undefined;
  return (
    <div class="editor">
      <div class="editor-head">
        <label for={id}>{label}</label>
        <select
          aria-label="Format"
          value={format}
          onChange={({ currentTarget: { value } }) => {
            if (value === 'text' || value === 'json' || value === 'hex') onChange(value, text);
          }}
        >
          {Object.entries(formatTitles).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <textarea
        id={id}
        data-testid="content"
        rows={5}
        spellcheck={false}
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onInput={({ currentTarget }) => onChange(format, currentTarget.value)}
      />
      <p id={`${id}-problem`} class="error hint">
        {problem}
      </p>
    </div>
  );
}
