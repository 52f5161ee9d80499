import './echo.css';
import { useState } from 'preact/hooks';
import { closeCodeMeaning } from '../shared/close-codes.ts';
import { FileDrop } from '../shared/files.tsx';
import { formatSize } from '../shared/format.ts';
import { HandshakePanel, useHandshake } from '../shared/handshake-panel.tsx';
import { showPage } from '../shared/page.tsx';
import { Tail } from '../shared/tail.tsx';
import { type Log, useLog } from '../shared/use-log.ts';
import { useSocket } from '../shared/use-socket.ts';
import { Composer } from './composer.tsx';
import { ConnectionCard } from './connection-card.tsx';
import { type Entry, messageEntry, noticeEntry, releaseEntry } from './entry.ts';
import { EntryRow } from './entry-row.tsx';

const kept = {
  maxEntries: 500,
  maxBytes: 64 * 1024 * 1024,
  sizeOf: (entry: Entry) => (entry.kind === 'message' ? entry.size : 0),
  release: releaseEntry,
};

function EchoPage() {
  const log = useLog<Entry>(kept);
  const handshake = useHandshake();
  const socket = useSocket({
    open({ protocol, extensions }) {
      const details = [protocol && `subprotocol ${protocol}`, extensions && `extensions ${extensions}`];
      log.append(noticeEntry(['Connected', ...details.filter((detail) => detail !== '')].join(', ')));
      handshake.settle();
    },
    message: (data) => log.append(messageEntry('received', data)),
    close({ code, reason, opened }) {
      if (!opened) handshake.settle();
      const why = reason === '' ? closeCodeMeaning(code, opened) : reason;
      log.append(noticeEntry(`Closed with ${code}: ${why}`));
    },
  });
  const open = socket.state === 'OPEN';

  const send = (data: string | Uint8Array<ArrayBuffer>) => {
    socket.send(data);
    log.append(messageEntry('sent', data));
  };

  const sendFiles = async (files: File[]) => {
    for (const file of files) {
      try {
        send(new Uint8Array(await file.arrayBuffer()));
      } catch {
        log.append(noticeEntry(`${file.name} (${formatSize(file.size)}) could not be read`));
      }
    }
  };

  return (
    <main class="echo">
      <ConnectionCard socket={socket} onConnect={(url, protocols) => socket.connect(handshake.begin(url), protocols)} />
      <section class="card traffic" aria-label="Messages">
        <Messages log={log} />
        <Composer disabled={!open} onSend={send} onFiles={sendFiles} />
      </section>
      <HandshakePanel view={handshake.view} open />
      {open && <FileDrop hint="Drop to send as binary" onFiles={sendFiles} />}
    </main>
  );
}

function Messages({ log: { entries, dropped, clear } }: { log: Log<Entry> }) {
  const [pretty, setPretty] = useState(true);
  return (
    <>
      <div class="card-head">
        <h2>Messages</h2>
        <label class="check">
          <input
            type="checkbox"
            data-testid="pretty"
            checked={pretty}
            onChange={({ currentTarget }) => setPretty(currentTarget.checked)}
          />
          Pretty JSON
        </label>
        <button type="button" class="small" data-testid="clear" onClick={clear} disabled={entries.length === 0}>
          Clear
        </button>
      </div>
      <Tail label="Messages" version={entries} live="off">
        {dropped > 0 && (
          <p class="dropped" data-testid="dropped">
            {dropped.toLocaleString()} older not kept
          </p>
        )}
        {entries.length === 0 && <p class="empty">Nothing yet. Connect and send something.</p>}
        {entries.map((entry) => (
          <EntryRow key={entry.key} entry={entry} pretty={pretty} />
        ))}
      </Tail>
    </>
  );
}

showPage('echo', <EchoPage />);
