import './json-tree.css';
import { useState } from 'preact/hooks';
import { Marked } from './marked.tsx';

// JSON that folds. What is folded is not there: a body of a megabyte costs no more than what is open of it.

/** Members that are shown before somebody asks for more. */
const PAGE = 100;
/** So deep is open at first, as long as it is not much. */
const OPEN_DEPTH = 2;
const OPEN_MEMBERS = 20;
/** Characters of a string that are shown at first. */
const LONG = 400;

interface NodeProps {
  readonly name?: string | undefined;
  readonly value: unknown;
  readonly depth: number;
  readonly find: RegExp | undefined;
}

/**
 * @param value what JSON can say
 * @param find is marked in names and texts
 */
export function JsonTree({ value, find }: { value: unknown; find?: RegExp | undefined }) {
  return (
    <div class="json-tree" data-testid="json-tree">
      <JsonNode value={value} depth={0} find={find} />
    </div>
  );
}

function JsonNode({ name, value, depth, find }: NodeProps) {
  const members = membersOf(value);
  if (members.length === 0) {
    return (
      <div class="json-leaf">
        <Name name={name} find={find} />
        <Scalar value={value} find={find} />
      </div>
    );
  }
  return <Branch {...{ name, value, members, depth, find }} />;
}

function Branch({ name, value, members, depth, find }: NodeProps & { readonly members: readonly Member[] }) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS);
  const [shown, setShown] = useState(PAGE);
  const [begin, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Name name={name} find={find} />
        <span class="json-mark">
          {begin}
          {!isOpen && <span class="json-count">{members.length}</span>}
          {!isOpen && end}
        </span>
      </summary>
      {isOpen && (
        <div class="json-members">
          {members.slice(0, shown).map(([key, member]) => (
            <JsonNode key={key} name={key} value={member} depth={depth + 1} find={find} />
          ))}
          {members.length > shown && (
            <button type="button" class="small" onClick={() => setShown(shown + PAGE)}>
              {(members.length - shown).toLocaleString('en')} more
            </button>
          )}
        </div>
      )}
      {isOpen && <span class="json-mark">{end}</span>}
    </details>
  );
}

function Name({ name, find }: { name: string | undefined; find: RegExp | undefined }) {
  if (name === undefined) return null;
  return (
    <>
      <span class="json-name">
        <Marked text={name} find={find} />
      </span>
      :{' '}
    </>
  );
}

/** What has no members. */
function Scalar({ value, find }: { value: unknown; find: RegExp | undefined }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === 'object' && value !== null)
    return <span class="json-mark">{Array.isArray(value) ? '[]' : '{}'}</span>;
  if (typeof value !== 'string')
    return <span class={`json-${value === null ? 'null' : typeof value}`}>{`${value}`}</span>;
  const text = JSON.stringify(isWhole ? value : value.slice(0, LONG));
  return (
    <span class="json-string">
      <Marked text={text} find={find} />
      {!isWhole && value.length > LONG && (
        <button type="button" class="small" onClick={() => setWhole(true)}>
          {(value.length - LONG).toLocaleString('en')} more characters
        </button>
      )}
    </span>
  );
}

type Member = readonly [name: string, value: unknown];

function membersOf(value: unknown): readonly Member[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
