import type { Pages } from './pages.ts';

interface PageTurnerProps<Row> {
  readonly pages: Pages<Row>;
  /** What the rows are: "connections". */
  readonly what: string;
}

/** Below a list: which page of it this is, and the way to the others. */
export function PageTurner<Row>({ pages, what }: PageTurnerProps<Row>) {
  const { page, hasNext, isBusy, total, rows } = pages;
  const count = total === undefined ? `${rows.length} here` : `${total.toLocaleString('en')} in all`;
  return (
    <nav class="turner" aria-label={`Pages of ${what}`}>
      <span role="status">
        Page {page}, {count}
      </span>
      <button type="button" class="small" disabled={page === 1 || isBusy} onClick={() => pages.previous()}>
        Previous
      </button>
      <button type="button" class="small" disabled={!hasNext || isBusy} onClick={() => pages.next()}>
        Next
      </button>
    </nav>
  );
}

/** Above a list: what is wrong with it. */
export function ListTroubles<Row>({ pages: { trouble, silent } }: { pages: Pages<Row> }) {
  return (
    <div role="status">
      {trouble !== undefined && <p class="worry">{trouble.text}</p>}
      {silent.map(({ id, name }) => (
        <p key={id} class="worry">
          {name || 'unnamed'} ({id.slice(0, 8)}) does not answer: what is there is not listed.
        </p>
      ))}
    </div>
  );
}
