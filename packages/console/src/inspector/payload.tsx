import type { Decoded, JsonValue, MessageData } from '@tidewire/codecs';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CopyButton } from '../shared/copy-button.tsx';
import { formatSize } from '../shared/format.ts';
import { hexDump } from '../shared/hex.ts';
import { sniffImageType } from '../shared/image-type.ts';
import { JsonTree } from '../shared/json-tree.tsx';
import { Marked } from '../shared/marked.tsx';
import { decodeText } from './store/entry.ts';
import { useNarrow } from './use-narrow.ts';

// A payload in every way that it can be looked at.

export type PayloadView = 'decoded' | 'text' | 'json' | 'hex' | 'image';

const titles: Readonly<Record<PayloadView, string>> = {
  decoded: 'Decoded',
  text: 'Text',
  json: 'JSON',
  hex: 'Hex',
  image: 'Image',
};

interface PayloadProps {
  readonly data: MessageData;
  readonly decoded: readonly Decoded[] | undefined;
  readonly find: RegExp | undefined;
  /** What the reader prefers, if there is that. */
  readonly view: PayloadView;
  readonly onView: (view: PayloadView) => void;
}

export function Payload({ data, decoded, find, view, onView }: PayloadProps) {
  const text = typeof data === 'string' ? data : decodeText(data);
  const json = parseJson(text);
  const image = typeof data === 'string' ? undefined : sniffImageType(data);
  const isThere: Readonly<Record<PayloadView, boolean>> = {
    decoded: decoded !== undefined,
    json: json !== undefined,
    image: image !== undefined,
    text: true,
    hex: true,
  };
  const views = (['decoded', 'json', 'image', 'text', 'hex'] as const).filter((name) => isThere[name]);
  // Bytes that are no text are best seen as they are.
  const fallback = views.length > 2 || typeof data === 'string' ? views[0] : 'hex';
  const shown = isThere[view] ? view : (fallback ?? 'text');
  const bytes = () => (typeof data === 'string' ? new TextEncoder().encode(data) : data);
  return (
    <section class="payload" aria-label="Payload">
      <div class="payload-head">
        <Tabs views={views} shown={shown} onView={onView} />
        <CopyButton text={shown === 'hex' ? hexDump(bytes(), 16) : text} label="Copy the payload" />
      </div>
      <div
        id="payload-view"
        role="tabpanel"
        aria-labelledby={`tab-${shown}`}
        class="payload-view"
        data-testid="payload"
      >
        {shown === 'decoded' && decoded?.map((one, index) => <DecodedView key={index} decoded={one} find={find} />)}
        {shown === 'json' && json !== undefined && <JsonTree value={json.value} find={find} />}
        {shown === 'text' && <LongText text={text} find={find} />}
        {shown === 'hex' && <Hex bytes={bytes()} />}
        {shown === 'image' && image !== undefined && <Image bytes={bytes()} type={image} />}
      </div>
    </section>
  );
}

interface TabsProps {
  readonly views: readonly PayloadView[];
  readonly shown: PayloadView;
  readonly onView: (view: PayloadView) => void;
}

/** One of them is reached by Tab, the others by the arrow keys. */
function Tabs({ views, shown, onView }: TabsProps) {
  const move = (event: KeyboardEvent, by: number) => {
    const next = views[(views.indexOf(shown) + by + views.length) % views.length];
    if (next === undefined) return;
    event.preventDefault();
    onView(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="How the payload is shown" class="tabs">
      {views.map((view) => (
        <button
          key={view}
          id={`tab-${view}`}
          type="button"
          role="tab"
          aria-selected={view === shown}
          aria-controls="payload-view"
          tabIndex={view === shown ? 0 : -1}
          onClick={() => onView(view)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') move(event, 1);
            if (event.key === 'ArrowLeft') move(event, -1);
          }}
        >
          {titles[view]}
        </button>
      ))}
    </div>
  );
}

function DecodedView({ decoded, find }: { decoded: Decoded; find: RegExp | undefined }) {
  const { kind, about, id, fields, body, problem } = decoded;
  return (
    <div class="decoded">
      <p class="decoded-kind">
        <strong>{kind}</strong> {about !== undefined && <span class="about">{about}</span>}
      </p>
      {problem !== undefined && <p class="error">{problem}</p>}
      <dl class="facts">
        {id !== undefined && <Fact name="Id">{id}</Fact>}
        {fields.map(([name, value], index) => (
          <Fact key={index} name={name}>
            <Marked text={value} find={find} />
          </Fact>
        ))}
      </dl>
      {body?.type === 'json' && <JsonTree value={body.value} find={find} />}
      {body?.type === 'text' && <LongText text={body.text} find={find} />}
      {body?.type === 'binary' && <Hex bytes={body.bytes} />}
    </div>
  );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const FIRST_CHARACTERS = 20_000;

function LongText({ text, find }: { text: string; find: RegExp | undefined }) {
  const [whole, setWhole] = useState<string>();
  const isCut = whole !== text && text.length > FIRST_CHARACTERS;
  if (text === '') return <p class="muted">Empty</p>;
  return (
    <>
      <pre class="payload-text">
        <Marked text={isCut ? text.slice(0, FIRST_CHARACTERS) : text} find={find} />
      </pre>
      {isCut && (
        <button type="button" class="small" onClick={() => setWhole(text)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}

const FIRST_BYTES = 2048;

function Hex({ bytes }: { bytes: Uint8Array }) {
  const [shown, setShown] = useState(FIRST_BYTES);
  const isNarrow = useNarrow();
  const hidden = bytes.length - shown;
  if (bytes.length === 0) return <p class="muted">Empty</p>;
  return (
    <>
      <pre class="payload-hex">{hexDump(bytes.subarray(0, shown), isNarrow ? 8 : 16)}</pre>
      {hidden > 0 && (
        <button type="button" class="small" onClick={() => setShown(shown * 8)}>
          {formatSize(hidden)} more
        </button>
      )}
    </>
  );
}

function Image({ bytes, type }: { bytes: Uint8Array; type: string }) {
  const [url, setUrl] = useState<string>();
  const [size, setSize] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return (
    <figure class="payload-image">
      <img
        src={url}
        alt={`The payload: ${type}, ${formatSize(bytes.length)}`}
        onLoad={({ currentTarget }) => setSize(`${currentTarget.naturalWidth} × ${currentTarget.naturalHeight}`)}
      />
      <figcaption class="hint">
        {type} {size}
      </figcaption>
    </figure>
  );
}

/** Objects and arrays: of a bare number or word there is nothing to unfold. */
function parseJson(text: string): { readonly value: JsonValue } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
