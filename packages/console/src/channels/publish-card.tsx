import { useState } from 'preact/hooks';
import type { Outcome } from '../operate/ask.ts';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { draftOf, publish } from './draft.ts';

export function PublishCard({ channel, isAllowed }: { channel: string; isAllowed: boolean }) {
  const [text, setText] = useState('{ "text": "Hello" }');
  const [result, setResult] = useState<Outcome<string>>();
  const [isBusy, setBusy] = useState(false);
  const draft = draftOf(text);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!draft.isGood || isBusy) return;
    setBusy(true);
    setResult(await publish(ask, channel, draft.value));
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby="publish">
      <h2 id="publish">Publish</h2>
      {isAllowed ? (
        <form class="publish" onSubmit={submit}>
          <label>
            JSON
            <textarea
              data-testid="draft"
              rows={5}
              spellcheck={false}
              value={text}
              aria-invalid={!draft.isGood}
              aria-describedby="draft-fault"
              onInput={({ currentTarget }) => setText(currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
              }}
            />
          </label>
          <p id="draft-fault" class="error" data-testid="draft-fault">
            {draft.isGood ? '' : draft.fault}
          </p>
          <div class="form-actions">
            <button type="submit" class="primary" data-testid="publish" disabled={!draft.isGood || isBusy}>
              Publish
            </button>
            <button
              type="button"
              disabled={!draft.isGood}
              onClick={() => draft.isGood && setText(JSON.stringify(draft.value, null, 2))}
            >
              Lay out
            </button>
          </div>
          <div role="status" data-testid="published">
            {result !== undefined && (
              <p class={result.ok ? 'done' : 'worry'}>{result.ok ? result.value : result.trouble.text}</p>
            )}
          </div>
        </form>
      ) : (
        <NotAllowed operation="publish" />
      )}
    </section>
  );
}
