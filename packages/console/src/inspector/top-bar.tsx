import { CopyButton } from '../shared/copy-button.tsx';
import type { Inspector } from './use-inspector.ts';

export type Panel = 'rules' | 'files' | 'help';

interface TopBarProps {
  readonly inspector: Inspector;
  readonly onPanel: (panel: Panel) => void;
}

const states = {
  connecting: 'Connecting to the inspector…',
  open: '',
  lost: 'The connection to the inspector is lost. Trying again…',
};

/** What is inspected, and what rules the whole. */
export function TopBar({ inspector, onPanel }: TopBarProps) {
  const { store, state, isPaused } = inspector;
  const { hello, isRecording, rules } = store;
  const active = rules.filter(({ isOn }) => isOn).length;
  return (
    <section class="top-bar" aria-label="Inspector">
      <div class="top-title">
        <h1>Inspector</h1>
        {hello !== undefined && (
          <p class="muted" data-testid="target">
            {hello.listens === undefined ? (
              hello.target
            ) : (
              <>
                <code>{hello.listens}</code> <CopyButton text={hello.listens} label="Copy the address for clients" />{' '}
                <span aria-hidden="true">→</span> <code>{hello.target}</code>
              </>
            )}
          </p>
        )}
        <p role="status" class={state === 'lost' ? 'error' : 'muted'} data-testid="link-state">
          {states[state]}
        </p>
      </div>
      <div class="buttons">
        <button
          type="button"
          class={`small record ${isRecording ? 'is-recording' : ''}`}
          aria-pressed={isRecording}
          data-testid="record"
          onClick={() => inspector.order({ type: 'record', isOn: !isRecording })}
        >
          <span class="record-mark" aria-hidden="true" />
          {isRecording ? 'Recording' : 'Not recording'}
        </button>
        <button
          type="button"
          class="small"
          aria-pressed={isPaused}
          data-testid="pause"
          title={isPaused ? 'Show what came meanwhile, and what comes' : 'Let the page stand still; recording goes on'}
          onClick={() => inspector.pause(!isPaused)}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        <button type="button" class="small" data-testid="clear" onClick={() => void inspector.order({ type: 'clear' })}>
          Clear
        </button>
        <button type="button" class="small" data-testid="rules" onClick={() => onPanel('rules')}>
          Rules{active > 0 && <span class="count">{active}</span>}
        </button>
        <button type="button" class="small" data-testid="files" onClick={() => onPanel('files')}>
          Files
        </button>
        <button type="button" class="small" aria-label="Help" data-testid="help" onClick={() => onPanel('help')}>
          ?
        </button>
      </div>
    </section>
  );
}
