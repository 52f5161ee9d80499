import { Component } from 'preact';
import { useState } from 'preact/hooks';
import { formatSize, formatTime, prettyJson } from '../shared/format.ts';
import { hexDump } from '../shared/hex.ts';
import { useMedia } from '../shared/use-media.ts';
import type { Entry, MessageEntry } from './entry.ts';

interface RowProps {
  readonly entry: Entry;
  readonly pretty: boolean;
}

/** One line of the list. Entries never change, so a row draws itself again only for another way of showing it. */
export class EntryRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.entry !== this.props.entry || next.pretty !== this.props.pretty;
  }

  override render({ entry, pretty }: RowProps) {
    if (entry.kind === 'notice') {
      return (
        <div class="row notice">
          <time>{formatTime(entry.at)}</time> {entry.text}
        </div>
      );
    }
    const { direction, data, at, size } = entry;
    return (
      <div class={`row ${direction}`} data-testid={`message-${direction}`}>
        <div class="row-head">
          <span class="direction">
            <span aria-hidden="true">{direction === 'sent' ? '↑' : '↓'}</span> {direction}
          </span>
          <span class="kind">{typeof data === 'string' ? 'text' : 'binary'}</span>
          <span>{formatSize(size)}</span>
          <time>{formatTime(at)}</time>
        </div>
        <Body entry={entry} pretty={pretty} />
      </div>
    );
  }
}

function Body({ entry: { data, image, size }, pretty }: { entry: MessageEntry; pretty: boolean }) {
  if (size === 0) return <p class="muted">empty</p>;
  if (typeof data === 'string') return <Text text={(pretty ? prettyJson(data) : undefined) ?? data} />;
  if (image !== undefined) return <img class="row-image" src={image} alt={formatSize(size)} />;
  return <Bytes bytes={data} />;
}

const firstCharacters = 2000;

function Text({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > firstCharacters;
  return (
    <>
      <pre class="text">{cut ? text.slice(0, firstCharacters) : text}</pre>
      {cut && (
        <MoreButton onClick={() => setWhole(true)}>Show all {text.length.toLocaleString()} characters</MoreButton>
      )}
    </>
  );
}

const firstBytes = 64;
const mostBytes = 16 * 1024;

function Bytes({ bytes }: { bytes: Uint8Array }) {
  const [expanded, setExpanded] = useState(false);
  const shown = expanded ? mostBytes : firstBytes;
  const hidden = bytes.length - shown;
  const narrow = useMedia('(width < 40rem)');
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="hex" tabIndex={0}>
        {hexDump(bytes.subarray(0, shown), narrow ? 8 : 16)}
      </pre>
      {hidden > 0 && expanded && <p class="muted">{formatSize(hidden)} more not shown</p>}
      {hidden > 0 && !expanded && <MoreButton onClick={() => setExpanded(true)}>{formatSize(hidden)} more</MoreButton>}
    </>
  );
}

function MoreButton({ onClick, children }: { onClick: () => void; children: preact.ComponentChildren }) {
  return (
    <button type="button" class="small" onClick={onClick}>
      {children}
    </button>
  );
}
