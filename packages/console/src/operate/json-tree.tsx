import { useState } from 'preact/hooks';

// JSON that folds. What is folded is not there: a large body costs no more than what is open of it.

/** Members that are shown before somebody asks for more. */
const PAGE = 50;
/** What has few members is open at first. */
const FEW = 12;
/** Characters of a string that are shown at first. */
const LONG = 500;

interface JsonTreeProps {
  readonly value: unknown;
  readonly name?: string | undefined;
  readonly depth?: number;
}

export function JsonTree(props: JsonTreeProps) {
  return (
    <div class="json">
      <Node {...props} />
    </div>
  );
}

function Node({ value, name, depth = 0 }: JsonTreeProps) {
  if (typeof value === 'object' && value !== null) return <Branch value={value} name={name} depth={depth} />;
  return (
    <div>
      <Key name={name} />
      <Scalar value={value} />
    </div>
  );
}

function Branch({ value, name, depth }: { value: object; name: string | undefined; depth: number }) {
  const members = Object.entries(value);
  const [isOpen, setOpen] = useState(depth < 2 && members.length <= FEW);
  const [shown, setShown] = useState(PAGE);
  const [begin, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) {
    return (
      <div>
        <Key name={name} />
        {begin}
        {end}
      </div>
    );
  }
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Key name={name} />
        {begin}
        {!isOpen && ` ${members.length} ${end}`}
      </summary>
      {isOpen && (
        <>
          <div class="members">
            {members.slice(0, shown).map(([key, member]) => (
              <Node key={key} name={key} value={member} depth={depth + 1} />
            ))}
            {members.length > shown && (
              <button type="button" class="small" onClick={() => setShown(shown + PAGE)}>
                {(members.length - shown).toLocaleString('en')} more
              </button>
            )}
          </div>
          {end}
        </>
      )}
    </details>
  );
}

function Key({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span class="key">{name}: </span>;
}

function Scalar({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span>{String(value)}</span>;
  const isLong = value.length > LONG && !isWhole;
  return (
    <span>
      {JSON.stringify(isLong ? value.slice(0, LONG) : value)}
      {isLong && (
        <button type="button" class="small" onClick={() => setWhole(true)}>
          {(value.length - LONG).toLocaleString('en')} more characters
        </button>
      )}
    </span>
  );
}
