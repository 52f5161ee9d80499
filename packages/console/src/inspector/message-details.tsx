import type { MessageData, MessageJson } from '@tidewire/inspector/recording';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatSize, formatTime } from '../shared/format.ts';
import { readContent, writeContent } from './content.ts';
import { ContentEditor } from './content-editor.tsx';
import { directionLooks, fateWords, formatSpan } from './message-row.tsx';
import { Fact, Payload, type PayloadView } from './payload.tsx';
import { contentOf, type Entry, isPartial, opcodeName, originalOf } from './store/entry.ts';
import { closeLine } from './store/summary.ts';
import type { Inspector } from './use-inspector.ts';

interface MessageDetailsProps {
  readonly inspector: Inspector;
  readonly entry: Entry;
  readonly view: PayloadView;
  readonly onView: (view: PayloadView) => void;
}

/** All that is known of one message. */
export function MessageDetails({ inspector, entry, view, onView }: MessageDetailsProps) {
  const { store, viewing, decoding } = inspector;
  const whole = useWhole(inspector, entry);
  const message = whole ?? entry.message;
  const { connection: id, opcode, problem, fate, isCut } = message;
  const connection = store.connections.get(id);
  // A payload that was told in part is read as it is now.
  const decoded = useMemo(() => decoding.read({ message }, connection), [message, connection]);
  const data = useMemo(() => contentOf(message), [message]);
  const original = useMemo(() => originalOf(message), [message]);
  const find = viewing.findPattern;
  return (
    <div class="details" data-testid="message-details">
      {problem !== undefined && <p class="error">⚠ {problem}</p>}
      {fate === 'held' && <HeldForm key={message.seq} inspector={inspector} message={message} data={data} />}
      <Facts message={message} inspector={inspector} />
      {opcode === 8 && <p>{closeLine(data)}</p>}
      {isPartial({ message }) && (
        <p class="hint">
          {isCut && whole !== undefined
            ? 'The inspector keeps no more of this message.'
            : 'This is the beginning; the rest is being fetched.'}
        </p>
      )}
      {original !== undefined && <Before data={original} />}
      <Payload data={data} decoded={decoded} find={find} view={view} onView={onView} />
    </div>
  );
}

/** What is told of a message at first has so many characters at most. */
const TOLD = 2048;

/** Whether there may be more of what came before. */
const isLong = (original: string | undefined) => original !== undefined && original.length >= TOLD;

/** The message as far as the inspector has it: what is new comes with the beginning of its payload only. */
function useWhole({ order }: Inspector, entry: Entry): MessageJson | undefined {
  const [whole, setWhole] = useState<MessageJson>();
  const { message } = entry;
  useEffect(() => {
    setWhole(undefined);
    if (!isPartial(entry) && !isLong(message.original ?? message.originalBytes)) return;
    let isLate = false;
    void order({ type: 'read', seq: message.seq }).then((answer) => {
      if (!isLate && answer?.message !== undefined) setWhole(answer.message);
    });
    return () => {
      isLate = true;
    };
  }, [message]);
  return whole?.seq === message.seq ? whole : undefined;
}

function Facts({ message, inspector: { store, viewing } }: { message: MessageJson; inspector: Inspector }) {
  const { seq, connection, at, direction, opcode, frames, compressed, masked, wireLength, length, fate } = message;
  const openedAt = store.connections.get(connection)?.record.openedAt;
  const before = viewing.rows.at(viewing.rowOf(seq) - 1)?.message.at;
  const { arrow, title } = directionLooks[direction];
  return (
    <dl class="facts">
      <Fact name="Direction">
        <span class={direction}>
          <span aria-hidden="true">{arrow}</span> {title}
        </span>
      </Fact>
      <Fact name="Type">
        {opcodeName(opcode)} <span class="muted">(opcode {opcode})</span>
      </Fact>
      <Fact name="Time">
        {formatTime(at)}
        {openedAt !== undefined && <span class="muted"> · {formatSpan(at - openedAt)} after the opening</span>}
        {before !== undefined && <span class="muted"> · {formatSpan(at - before)} after the one before</span>}
      </Fact>
      <Fact name="Length">
        {formatSize(length)} <span class="muted">({length.toLocaleString('en')} bytes)</span>
      </Fact>
      <Fact name="On the wire">
        {formatSize(wireLength)}{' '}
        <span class="muted">
          in {frames === 1 ? 'one frame' : `${frames} frames`}, {masked ? 'masked' : 'not masked'},{' '}
          {compressed ? 'compressed' : 'not compressed'}
        </span>
      </Fact>
      <Fact name="Connection">#{connection}</Fact>
      {fate !== 'forwarded' && (
        <Fact name="Fate">
          <span class={`fate fate-${fate}`}>{fateWords[fate]}</span>
        </Fact>
      )}
    </dl>
  );
}

/** What came, where something else went on. */
function Before({ data }: { data: MessageData }) {
  return (
    <section class="before" aria-label="Before it was edited" data-testid="original">
      <h3>It came as</h3>
      <pre class="payload-text">{typeof data === 'string' ? data : writeContent(data).text}</pre>
      <h3>It went on as</h3>
    </section>
  );
}

interface HeldProps {
  readonly inspector: Inspector;
  readonly message: MessageJson;
  readonly data: MessageData;
}

/** What can be done with a message that waits. */
function HeldForm({ inspector, message, data }: HeldProps) {
  const { seq, isCut } = message;
  const [edited, setEdited] = useState<ReturnType<typeof writeContent>>();
  const shown = edited ?? writeContent(data);
  const content = readContent(shown.format, shown.text);
  const isWhole = !isCut && !isPartial({ message });
  return (
    <form
      class="held-form"
      aria-label="Held message"
      onSubmit={(event) => {
        event.preventDefault();
        if (typeof content === 'string') return;
        void inspector.order(edited === undefined ? { type: 'release', seq } : { type: 'release', seq, content });
      }}
    >
      <p>
        <strong>This message is held.</strong> It waits here, and so does all that comes behind it.
      </p>
      {isWhole && <ContentEditor label="Payload" {...shown} onChange={(format, text) => setEdited({ format, text })} />}
      <div class="buttons">
        <button type="submit" class="small primary" data-testid="release" disabled={typeof content === 'string'}>
          {edited === undefined ? 'Release' : 'Release as edited'}
        </button>
        {edited !== undefined && (
          <button type="button" class="small" onClick={() => setEdited(undefined)}>
            Undo the changes
          </button>
        )}
        <button type="button" class="small" data-testid="drop" onClick={() => inspector.order({ type: 'drop', seq })}>
          Drop
        </button>
      </div>
    </form>
  );
}
