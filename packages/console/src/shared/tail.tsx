import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface TailProps {
  readonly label: string;
  /** Changes whenever there is something new to show. */
  readonly version: unknown;
  /** What screen readers do with new entries. */
  readonly live: 'polite' | 'off';
  readonly children: ComponentChildren;
}

// How near to the end counts as being there, in CSS pixels.
const nearEnd = 48;

/** A scrolling log that stays at its end, unless the reader has scrolled up. */
export function Tail({ label, version, live, children }: TailProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const lastTop = useRef(0);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    if (following) toEnd();
  }, [version, following]);

  // Only the reader moves up. That the end moves away, because something new came, is no reason to stay behind.
  const scrolled = useCallback(({ scrollHeight, scrollTop, clientHeight }: HTMLElement) => {
    if (scrollHeight - scrollTop - clientHeight < nearEnd) setFollowing(true);
    else if (scrollTop < lastTop.current) setFollowing(false);
    lastTop.current = scrollTop;
  }, []);

  // Images that load late, and a phone's keyboard, change the heights without anything new.
  useEffect(() => {
    if (!following || scroller.current === null || content.current === null) return;
    const observer = new ResizeObserver(toEnd);
    observer.observe(scroller.current);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [following]);

  return (
    <div class="tail">
      <div
        ref={scroller}
        class={following ? 'tail-scroller following' : 'tail-scroller'}
        data-testid="messages"
        role="log"
        aria-label={label}
        aria-live={live}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
      >
        <div ref={content}>{children}</div>
      </div>
      {!following && (
        <button type="button" class="small to-end" onClick={() => setFollowing(true)}>
          ↓ Newest
        </button>
      )}
    </div>
  );
}
