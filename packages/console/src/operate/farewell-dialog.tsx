import { useState } from 'preact/hooks';
import type { Whom } from '../operate-messages.ts';
import { Dialog } from '../shared/dialog.tsx';
import type { Ask } from './ask.ts';
import { farewells, faultOf, ownCodes, sendAway } from './farewell.ts';

interface FarewellDialogProps {
  readonly ask: Ask;
  readonly whom: Whom;
  readonly onClose: () => void;
  /** Something was done: what, in a sentence. */
  readonly onDone: (what: string) => void;
}

/** Asks with which code and reason somebody is to be disconnected, and whether really. */
export function FarewellDialog({ ask, whom, onClose, onDone }: FarewellDialogProps) {
  const [choice, setChoice] = useState('3503');
  const [own, setOwn] = useState('4000');
  const [reason, setReason] = useState('');
  const [trouble, setTrouble] = useState('');
  const [isBusy, setBusy] = useState(false);
  const farewell = farewells.find(({ code }) => String(code) === choice);
  const code = farewell?.code ?? Number(own);
  const fault = faultOf(code, reason);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (fault !== undefined) return;
    setBusy(true);
    const outcome = await sendAway(ask, whom, code, reason || (farewell?.reason ?? ''));
    setBusy(false);
    if (outcome.ok) onDone(outcome.value);
    else setTrouble(outcome.trouble.text);
  };
  const title = 'user' in whom ? `Disconnect the user ${whom.user}?` : 'Disconnect this connection?';
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <p class="hint">{'user' in whom ? 'All its connections, on all nodes.' : <code>{whom.client}</code>}</p>
        <label>
          It goes
          <select
            data-testid="farewell"
            value={choice}
            onChange={({ currentTarget }) => setChoice(currentTarget.value)}
          >
            {farewells.map(({ code, title }) => (
              <option key={code} value={String(code)}>
                {title}
              </option>
            ))}
            <option value="own">with a code of your own</option>
          </select>
        </label>
        {choice === 'own' && (
          <label>
            Code: it comes back after 4000 to 4499, and stays away after 4500 to 4999
            <input
              type="number"
              data-testid="code"
              min={ownCodes.least}
              max={ownCodes.most}
              value={own}
              onInput={({ currentTarget }) => setOwn(currentTarget.value)}
            />
          </label>
        )}
        <label>
          Reason, for people
          <input
            type="text"
            data-testid="reason"
            value={reason}
            placeholder={farewell?.reason ?? 'none'}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <p class="error" role="status">
          {fault ?? trouble}
        </p>
        <div class="form-actions">
          <button type="submit" class="danger" data-testid="confirm" disabled={isBusy || fault !== undefined}>
            Disconnect
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
