import { useCallback, useRef, useState } from 'preact/hooks';
import { BoundedLog, type BoundedLogOptions } from './bounded-log.ts';

export interface Log<Entry> {
  readonly entries: readonly Entry[];
  readonly dropped: number;
  append(entry: Entry): void;
  clear(): void;
}

/** A bounded log that draws itself at most once per frame, however many entries come in between. */
export function useLog<Entry>(options: BoundedLogOptions<Entry>): Log<Entry> {
  const [log] = useState(() => new BoundedLog(options));
  const [shown, setShown] = useState<{ entries: readonly Entry[]; dropped: number }>({ entries: [], dropped: 0 });
  const frame = useRef<number | undefined>(undefined);

  const draw = useCallback(() => {
    frame.current ??= requestAnimationFrame(() => {
      frame.current = undefined;
      setShown({ entries: log.snapshot(), dropped: log.dropped });
    });
  }, [log]);

  const append = useCallback(
    (entry: Entry) => {
      log.append(entry);
      draw();
    },
    [log, draw],
  );

  const clear = useCallback(() => {
    log.clear();
    draw();
  }, [log, draw]);

  return { ...shown, append, clear };
}
