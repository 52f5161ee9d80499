import type { Entry } from './store/entry.ts';
import type { Inspector } from './use-inspector.ts';

/** Messages that wait for a person, wherever the reader is. */
export function HeldBar({ inspector, onShow }: { inspector: Inspector; onShow: (entry: Entry) => void }) {
  const held = [...inspector.store.held.values()];
  const [first] = held;
  if (first === undefined) return null;
  const all = (type: 'release' | 'drop') => {
    for (const { message } of held) void inspector.order({ type, seq: message.seq });
  };
  return (
    <div class="held-bar" role="status" data-testid="held-bar">
      <span>
        <strong>
          {held.length === 1 ? 'One message is held' : `${held.length.toLocaleString('en')} messages are held`}
        </strong>
      </span>
      <span class="buttons">
        <button type="button" class="small primary" data-testid="show-held" onClick={() => onShow(first)}>
          Show {held.length === 1 ? 'it' : 'the first'}
        </button>
        <button type="button" class="small" data-testid="release-all" onClick={() => all('release')}>
          Release {held.length === 1 ? 'it' : 'all'}
        </button>
        <button type="button" class="small" onClick={() => all('drop')}>
          Drop {held.length === 1 ? 'it' : 'all'}
        </button>
      </span>
    </div>
  );
}
