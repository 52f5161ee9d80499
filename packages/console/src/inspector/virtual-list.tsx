import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

// A list of rows of one height, of which only those exist that can be seen. It stays at its end while it follows, and where the
// reader is when rows are dropped at its beginning. The keyboard moves the selection; the focus stays on the list.

interface VirtualListProps {
  readonly id: string;
  readonly label: string;
  /** What the rows are of: when it is another, the reader begins anew. */
  readonly source: unknown;
  /** The numbers of the first row and of that behind the last. */
  readonly start: number;
  readonly end: number;
  /** In CSS pixels. */
  readonly rowHeight: number;
  /** The number of the selected row. */
  readonly selected: number | undefined;
  readonly isFollowing: boolean;
  readonly header?: ComponentChildren;
  /** Shown in place of rows if there are none. */
  readonly empty: ComponentChildren;
  readonly row: (index: number, isSelected: boolean) => ComponentChildren;
  readonly onFollow: (isFollowing: boolean) => void;
  /** @param isFinal whether it was chosen, and not only passed by */
  readonly onSelect: (index: number, isFinal: boolean) => void;
}

/** Rows beyond the edges that are there already when somebody scrolls. */
const OVERSCAN = 6;
/** How near to the end counts as being there, in CSS pixels. */
const NEAR_END = 12;

const rowId = (list: string, index: number) => `${list}-row-${index}`;

/** What the element of a row must have, a tr. */
export function rowAttributes(list: string, index: number, isSelected: boolean) {
  return { id: rowId(list, index), 'data-index': index, 'aria-selected': isSelected };
}

export function VirtualList(props: VirtualListProps) {
  const { id, label, source, start, end, rowHeight, selected, isFollowing, header, empty, row } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const latestScrolled = useRef<(element: HTMLElement) => void>(() => {});
  const last = useRef({ top: 0, start, source, selected });

  useLayoutEffect(() => {
    const { current: element } = scroller;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    const look = () => latestScrolled.current(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);

  useLayoutEffect(() => {
    const { current: element } = scroller;
    if (element === null) return;
    const { current: before } = last;
    const moved = before.source === source ? start - before.start : 0;
    if (isFollowing) element.scrollTop = element.scrollHeight;
    else if (before.source !== source) showRow(element, (selected ?? start) - start, 'middle');
    else if (moved > 0) element.scrollTop -= moved * rowHeight;
    if (selected !== undefined && selected !== before.selected && !isFollowing)
      showRow(element, selected - start, 'edge');
    last.current = { top: element.scrollTop, start, source, selected };
    setTop(element.scrollTop);
  });

  const showRow = (element: HTMLElement, position: number, where: 'edge' | 'middle') => {
    const room = element.clientHeight - (head.current?.offsetHeight ?? 0);
    const rowTop = position * rowHeight;
    if (where === 'middle') element.scrollTop = rowTop - room / 2;
    else if (rowTop < element.scrollTop) element.scrollTop = rowTop;
    else if (rowTop + rowHeight > element.scrollTop + room) element.scrollTop = rowTop + rowHeight - room;
  };

  // Only the reader moves up. That the end moves away, because something new came, is no reason to stay behind.
  const scrolled = (element: HTMLElement) => {
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    if (isAtEnd && !isFollowing && element.scrollTop > last.current.top) props.onFollow(true);
    else if (!isAtEnd && isFollowing && element.scrollTop < last.current.top - 1) props.onFollow(false);
    last.current.top = element.scrollTop;
    setTop(element.scrollTop);
  };

  latestScrolled.current = scrolled;

  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 2);
    const shown = start + Math.floor(top / rowHeight);
    const to = target(event.key, selected ?? (event.key === 'ArrowUp' ? end : shown - 1), page, start, end);
    if (event.key === 'Enter' && selected !== undefined) props.onSelect(selected, true);
    else if (to === undefined || end === start) return;
    else props.onSelect(Math.min(end - 1, Math.max(start, to)), false);
    event.preventDefault();
  };

  const clicked = ({ target: element }: MouseEvent) => {
    const index = element instanceof Element ? element.closest('tr')?.dataset.index : undefined;
    if (index !== undefined) props.onSelect(Number(index), true);
  };

  const from = Math.max(start, start + Math.floor(top / rowHeight) - OVERSCAN);
  const to = Math.min(end, start + Math.ceil((top + height) / rowHeight) + OVERSCAN);
  const indices = Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset);
  const isShown = selected !== undefined && selected >= from && selected < to;
  const offset = (from - start) * rowHeight;
  return (
    <div ref={scroller} class="virtual" data-testid={`${id}-scroller`}>
      <table
        id={id}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the grid of WAI-ARIA, which a table may be
        role="grid"
        aria-label={label}
        aria-rowcount={end - start + (header === undefined ? 0 : 1)}
        aria-activedescendant={isShown ? rowId(id, selected) : undefined}
        data-testid={id}
        tabIndex={0}
        onKeyDown={pressed}
        onClick={clicked}
      >
        {header !== undefined && <thead ref={head}>{header}</thead>}
        <tbody style={{ height: `${(end - start) * rowHeight}px`, paddingTop: `${offset}px` }}>
          {indices.map((index) => row(index, index === selected))}
        </tbody>
      </table>
      {end === start && <div class="virtual-empty">{empty}</div>}
    </div>
  );
}

/** Where a key moves the selection, if it does. */
function target(key: string, at: number, page: number, start: number, end: number): number | undefined {
  if (key === 'ArrowDown') return at + 1;
  if (key === 'ArrowUp') return at - 1;
  if (key === 'PageDown') return at + page;
  if (key === 'PageUp') return at - page;
  if (key === 'Home') return start;
  return key === 'End' ? end - 1 : undefined;
}
