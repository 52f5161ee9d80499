import { useEffect, useRef, useState } from 'preact/hooks';

type TakeFiles = (files: File[]) => void;

interface FileButtonProps {
  readonly label: string;
  readonly accept?: string;
  readonly disabled: boolean;
  readonly onFiles: TakeFiles;
}

/** A button that lets a person choose files. */
export function FileButton({ label, accept, disabled, onFiles }: FileButtonProps) {
  return (
    <label class="button file-button" aria-disabled={disabled}>
      <input
        type="file"
        class="visually-hidden"
        data-testid="file"
        multiple
        accept={accept}
        disabled={disabled}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      {label}
    </label>
  );
}

/** Takes files that are dropped anywhere on the page, and says so while they are dragged over it. */
export function FileDrop({ hint, onFiles }: { hint: string; onFiles: TakeFiles }) {
  const [dragging, setDragging] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;

  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent) => {
      setDragging(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    const listening = new AbortController();
    const { signal } = listening;
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => listening.abort();
  }, []);

  return dragging ? <div class="drop-hint">{hint}</div> : null;
}
