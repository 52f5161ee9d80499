import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  /** Whether there is a button beside the title: for who has none behind all else. */
  readonly hasClose?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A window over the page: the browser keeps the focus in it, closes it upon Escape, and gives the focus back. */
export function Dialog({ title, hasClose = false, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before anything else can happen: a key that is pressed next is for this dialog, and not for what is below.
  useLayoutEffect(() => {
    const { current: element } = dialog;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="card dialog" aria-labelledby={id} data-testid="dialog" onClose={onClose}>
      {hasClose ? (
        <div class="card-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="small" onClick={onClose}>
            Close
          </button>
        </div>
      ) : (
        <h2 id={id}>{title}</h2>
      )}
      {children}
    </dialog>
  );
}
