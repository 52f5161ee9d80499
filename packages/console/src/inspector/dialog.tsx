import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A window over the page: the browser keeps the focus in it, closes it upon Escape, and gives the focus back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current: element } = dialog;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="card dialog" aria-label={title} data-testid="dialog" onClose={onClose}>
      <div class="card-head">
        <h2>{title}</h2>
        <button type="button" class="small" onClick={onClose}>
          Close
        </button>
      </div>
      {children}
    </dialog>
  );
}
