import { useState } from 'preact/hooks';
import { Dialog } from '../shared/dialog.tsx';
import type { Outcome } from './ask.ts';

interface ConfirmDialogProps {
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** What the button says. */
  readonly verb: string;
  readonly act: () => Promise<Outcome<string>>;
  readonly onClose: () => void;
  /** It was done: what, in a sentence. */
  readonly onDone: (what: string) => void;
}

/** Asks whether something is really to be done, and does it. */
export function ConfirmDialog({ title, text, verb, act, onClose, onDone }: ConfirmDialogProps) {
  const [trouble, setTrouble] = useState('');
  const [isBusy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    const outcome = await act();
    setBusy(false);
    if (outcome.ok) onDone(outcome.value);
    else setTrouble(outcome.trouble.text);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <p class="error" role="status">
        {trouble}
      </p>
      <div class="form-actions">
        <button type="button" class="danger" data-testid="confirm" disabled={isBusy} onClick={confirm}>
          {verb}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
