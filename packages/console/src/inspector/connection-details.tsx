import { useState } from 'preact/hooks';
import { closeCodeMeaning } from '../shared/close-codes.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { formatDay, formatTime } from '../shared/format.ts';
import { HeaderTable } from '../shared/handshake-panel.tsx';
import { endingOf, pathOf } from './connection-list.tsx';
import { InjectForm } from './inject-form.tsx';
import { formatSpan } from './message-row.tsx';
import { Fact } from './payload.tsx';
import type { Connection } from './store/store.ts';
import type { Inspector } from './use-inspector.ts';

interface ConnectionDetailsProps {
  readonly inspector: Inspector;
  readonly connection: Connection;
}

const enders = { client: 'The client', server: 'The server', inspector: 'The inspector' } as const;

/** How a connection was opened, how it ended, and what can be done with it. */
export function ConnectionDetails({ inspector, connection }: ConnectionDetailsProps) {
  const { record } = connection;
  const { id, url, source, from, request, response, subprotocol, extensions, openedAt, end } = record;
  const line = `${request.method} ${pathOf(url)} HTTP/${request.httpVersion}`;
  return (
    <div class="details" data-testid="connection-details">
      <dl class="facts">
        <Fact name="URL">
          <code>{url}</code> <CopyButton text={url} label="Copy the URL" />
        </Fact>
        <Fact name="Source">{source}</Fact>
        {from !== undefined && <Fact name="Client">{from}</Fact>}
        <Fact name="Opened">
          {formatTime(openedAt)} <span class="muted">· {formatDay(openedAt)}</span>
        </Fact>
        <Fact name="Subprotocol">{subprotocol === '' ? <span class="muted">none</span> : subprotocol}</Fact>
        <Fact name="Extensions">{extensions === '' ? <span class="muted">none</span> : extensions}</Fact>
        <Fact name="State">{endingOf(connection)}</Fact>
        {end !== undefined && (
          <>
            <Fact name="Close code">
              <strong>{end.code}</strong> {closeCodeMeaning(end.code, response?.status === 101)}
            </Fact>
            <Fact name="Reason">{end.reason === '' ? <span class="muted">none given</span> : end.reason}</Fact>
            <Fact name="Ended by">
              {enders[end.by]}
              {end.wasClean ? ', with the closing handshake' : ', without the whole closing handshake'}
            </Fact>
            <Fact name="Lasted">{formatSpan(end.at - openedAt)}</Fact>
            {end.error !== undefined && (
              <Fact name="Problem">
                <span class="error">{end.error}</span>
              </Fact>
            )}
          </>
        )}
      </dl>
      <DecoderChoice inspector={inspector} connection={connection} />
      {end === undefined && (
        <>
          <details class="section">
            <summary data-testid="open-inject">Inject a message</summary>
            <InjectForm key={id} inspector={inspector} id={id} />
          </details>
          <details class="section">
            <summary data-testid="open-end">Close or cut the connection</summary>
            <EndForm inspector={inspector} id={id} />
          </details>
        </>
      )}
      <details class="section" open data-testid="connection-handshake">
        <summary>Handshake</summary>
        <HeaderTable title="Request" line={line} headers={request.headers} />
        {response === undefined ? (
          <p class="muted">The server has not answered.</p>
        ) : (
          <HeaderTable title="Response" line={`Status ${response.status}`} headers={response.headers} />
        )}
        {inspector.store.hello?.masks === true && <p class="hint">Secrets in headers and URLs are masked.</p>}
      </details>
    </div>
  );
}

function DecoderChoice({ inspector: { decoding, draw }, connection }: ConnectionDetailsProps) {
  const { kinds } = decoding.codecs;
  const chosen = decoding.chosenFor(connection);
  const found = chosen === undefined ? decoding.kindOf(connection)?.title : undefined;
  return (
    <label class="decoder-choice">
      Read as
      <select
        data-testid="decoder"
        value={chosen ?? ''}
        onChange={({ currentTarget: { value } }) => {
          decoding.choose(connection, value === '' ? undefined : value);
          draw();
        }}
      >
        <option value="">{chosen === undefined ? `Automatic (${found ?? 'none found'})` : 'Automatic'}</option>
        <option value="none">As it is</option>
        {kinds.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function EndForm({ inspector, id }: { inspector: Inspector; id: number }) {
  const [code, setCode] = useState('1000');
  const [reason, setReason] = useState('');
  return (
    <form
      class="end-form"
      aria-label="End the connection"
      onSubmit={(event) => {
        event.preventDefault();
        void inspector.order({ type: 'close', connection: id, code: Number(code), reason });
      }}
    >
      <label>
        Code
        <input
          type="text"
          inputMode="numeric"
          pattern="[1-4]\d{3}"
          title="1000 to 4999"
          required
          autoComplete="off"
          data-testid="end-code"
          value={code}
          onInput={({ currentTarget }) => setCode(currentTarget.value)}
        />
      </label>
      <label>
        Reason
        <input
          type="text"
          autoComplete="off"
          placeholder="none"
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <button type="submit" class="small" data-testid="end-close" title={closeCodeMeaning(Number(code), true)}>
        Close
      </button>
      <button
        type="button"
        class="small"
        data-testid="end-cut"
        title="Cut both sides off without a Close frame"
        onClick={() => inspector.order({ type: 'cut', connection: id })}
      >
        Cut
      </button>
    </form>
  );
}
