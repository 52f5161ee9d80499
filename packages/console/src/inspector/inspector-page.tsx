import { useState } from 'preact/hooks';
import { FileDrop } from '../shared/files.tsx';
import { ConnectionDetails } from './connection-details.tsx';
import { ConnectionList, pathOf } from './connection-list.tsx';
import { Counts } from './counts.tsx';
import { FilesDialog, importFiles } from './files-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import { HeldBar } from './held-bar.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { MessageDetails } from './message-details.tsx';
import { MESSAGES, MessageList } from './message-list.tsx';
import type { TimeStyle } from './message-row.tsx';
import type { PayloadView } from './payload.tsx';
import { RulesDialog } from './rules-dialog.tsx';
import type { Entry } from './store/entry.ts';
import { Timeline } from './timeline.tsx';
import { type Panel, TopBar } from './top-bar.tsx';
import { useInspector } from './use-inspector.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** What a phone shows of the page. */
type Screen = 'connections' | 'messages' | 'details';

/** @param problem what went wrong before, in words */
export function InspectorPage({ problem }: { problem: string | undefined }) {
  const inspector = useInspector(problem);
  const { store, viewing, selected, notice } = inspector;
  const [screen, setScreen] = useState<Screen>('connections');
  const [panel, setPanel] = useState<Panel>();
  const [timeStyle, setTimeStyle] = useState<TimeStyle>('clock');
  const [view, setView] = useState<PayloadView>('decoded');
  const [hasTools, setTools] = useState(false);

  const show = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    inspector.isFollowing = false;
    inspector.select(entry);
  };
  const goTo = (direction: 'next' | 'previous') => {
    const from = selected ?? (direction === 'next' ? 0 : Number.POSITIVE_INFINITY);
    show(direction === 'next' ? viewing.hitAfter(from) : viewing.hitBefore(from));
  };
  const closeDetails = () => {
    inspector.select(undefined);
    setScreen('messages');
    document.getElementById(MESSAGES)?.focus();
  };
  const shortcuts = useShortcuts({
    isOff: panel !== undefined,
    escape: closeDetails,
    pause: () => inspector.pause(!inspector.isPaused),
    help: () => setPanel('help'),
    find: () => {
      setScreen('messages');
      setTools(true);
    },
  });

  const entry = selected === undefined ? undefined : store.find(selected);
  const connection = viewing.scope === undefined ? undefined : store.connections.get(viewing.scope);
  const hasDetails = entry !== undefined || connection !== undefined;
  return (
    <main class={`inspector screen-${screen} ${hasDetails ? 'has-details' : ''} ${hasTools ? 'has-tools' : ''}`}>
      <TopBar inspector={inspector} onPanel={setPanel} />
      {notice !== undefined && (
        <p class={`notice ${notice.isError ? 'error' : ''}`} role="status" data-testid="notice">
          {notice.text}
          <button
            type="button"
            class="small"
            onClick={() => {
              inspector.notice = undefined;
              inspector.draw();
            }}
          >
            Close
          </button>
        </p>
      )}
      <HeldBar
        inspector={inspector}
        onShow={(held) => {
          if (viewing.scope !== undefined && viewing.scope !== held.message.connection) inspector.look(undefined);
          show(held);
          setScreen('details');
        }}
      />
      <section class="pane connections-pane" aria-label="Connections">
        <ConnectionList inspector={inspector} onOpen={() => setScreen('messages')} />
      </section>
      <section class={`pane messages-pane ${connection === undefined ? 'of-all' : ''}`} aria-label="Messages">
        <div class="pane-head">
          <Back onClick={() => setScreen('connections')}>Connections</Back>
          <button
            type="button"
            class="small narrow-only"
            aria-expanded={hasTools}
            data-testid="tools"
            onClick={() => setTools(!hasTools)}
          >
            Filter, find
          </button>
          {connection !== undefined && (
            <button type="button" class="small narrow-only" onClick={() => setScreen('details')}>
              About #{connection.record.id}
            </button>
          )}
        </div>
        <Timeline inspector={inspector} />
        <FilterBar inspector={inspector} timeStyle={timeStyle} onTimeStyle={setTimeStyle} onGoTo={goTo} />
        <div class="list-place">
          <MessageList inspector={inspector} timeStyle={timeStyle} onOpen={() => setScreen('details')} />
          {!inspector.isFollowing && (
            <button
              type="button"
              class="small to-end"
              data-testid="follow"
              onClick={() => {
                inspector.isFollowing = true;
                inspector.draw();
              }}
            >
              ↓ Follow
            </button>
          )}
        </div>
      </section>
      {hasDetails && (
        <section class="pane details-pane" aria-label="Details">
          <div class="pane-head">
            <Back onClick={() => setScreen('messages')}>Messages</Back>
            <h2>
              {entry !== undefined ? `Message ${entry.message.seq.toLocaleString('en')}` : connectionTitle(connection)}
            </h2>
            {entry !== undefined && (
              <button type="button" class="small wide-only" data-testid="close-details" onClick={closeDetails}>
                Close
              </button>
            )}
          </div>
          {entry !== undefined ? (
            <MessageDetails inspector={inspector} entry={entry} view={view} onView={setView} />
          ) : (
            connection !== undefined && <ConnectionDetails inspector={inspector} connection={connection} />
          )}
        </section>
      )}
      <Counts inspector={inspector} />
      {panel === 'rules' && <RulesDialog inspector={inspector} onClose={() => setPanel(undefined)} />}
      {panel === 'files' && <FilesDialog inspector={inspector} onClose={() => setPanel(undefined)} />}
      {panel === 'help' && (
        <HelpDialog hasShortcuts={shortcuts.areOn} onShortcuts={shortcuts.turn} onClose={() => setPanel(undefined)} />
      )}
      <FileDrop hint="Drop a HAR or a JSON lines file to add it" onFiles={(files) => importFiles(inspector, files)} />
    </main>
  );
}

function connectionTitle(connection: { readonly record: { readonly id: number; readonly url: string } } | undefined) {
  return connection === undefined ? '' : `#${connection.record.id} ${pathOf(connection.record.url)}`;
}

function Back({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" class="small narrow-only" onClick={onClick}>
      ‹ {children}
    </button>
  );
}
