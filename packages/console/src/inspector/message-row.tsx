import type { Direction, Fate, MessageJson } from '@tidewire/inspector/recording';
import { Component } from 'preact';
import { formatSize, formatTime } from '../shared/format.ts';
import { Marked } from '../shared/marked.tsx';
import { opcodeName } from './store/entry.ts';
import type { Summary } from './store/summary.ts';
import { rowAttributes } from './virtual-list.tsx';

/** How times are shown. */
export type TimeStyle = 'clock' | 'opened' | 'before';

/** Directions are told by an arrow, a word and a colour. */
export const directionLooks: Readonly<Record<Direction, { arrow: string; word: string; title: string }>> = {
  toServer: { arrow: '↑', word: 'server', title: 'From the client to the server' },
  toClient: { arrow: '↓', word: 'client', title: 'From the server to the client' },
};

export const fateWords: Readonly<Record<Exclude<Fate, 'forwarded'>, string>> = {
  held: 'held',
  delayed: 'delayed',
  edited: 'edited',
  dropped: 'dropped',
  injected: 'injected',
};

interface RowProps {
  readonly list: string;
  readonly index: number;
  readonly isSelected: boolean;
  readonly message: MessageJson;
  readonly summary: Summary;
  /** In milliseconds, or since 1970. */
  readonly time: string;
  readonly find: RegExp | undefined;
}

/** One message of the list. It draws itself again only if something of it is another. */
export class MessageRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { message, index, isSelected, time, find, summary } = this.props;
    return (
      next.message !== message ||
      next.index !== index ||
      next.isSelected !== isSelected ||
      next.time !== time ||
      next.find !== find ||
      next.summary.kind !== summary.kind ||
      next.summary.text !== summary.text
    );
  }

  override render({ list, index, isSelected, message, summary, time, find }: RowProps) {
    const { direction, opcode, fate, problem } = message;
    const { arrow, word, title } = directionLooks[direction];
    return (
      <tr {...rowAttributes(list, index, isSelected)} class={`message ${direction} ${opcode > 2 ? 'control' : ''}`}>
        <td class="cell-direction" title={title}>
          <span aria-hidden="true">{arrow}</span> {word}
        </td>
        <td class="cell-connection">#{message.connection}</td>
        <td class="cell-kind">{opcodeName(opcode)}</td>
        <td class="cell-time">{time}</td>
        <td class="cell-length">{formatSize(message.length)}</td>
        <td class="cell-wire">{formatSize(message.wireLength)}</td>
        <td class="cell-flags">{flagsOf(message)}</td>
        <td class="cell-summary">
          {fate !== 'forwarded' && <span class={`fate fate-${fate}`}>{fateWords[fate]}</span>}
          {problem !== undefined && <span class="fate fate-problem">⚠ {problem}</span>}
          {summary.kind !== undefined && (
            <b>
              <Marked text={summary.kind} find={find} />
            </b>
          )}
          {summary.about !== undefined && (
            <span class="about">
              <Marked text={summary.about} find={find} />
            </span>
          )}
          <Marked text={summary.text} find={find} />
        </td>
      </tr>
    );
  }
}

/** Short for a column; the details have it in words. */
function flagsOf({ frames, compressed, masked }: MessageJson): string {
  return [frames > 1 ? `${frames} frames` : '', compressed ? 'zip' : '', masked ? 'mask' : '']
    .filter((flag) => flag !== '')
    .join(' ');
}

/** A time as the reader wants it. @param since what counts as zero, in milliseconds since 1970 */
export function timeOf(at: number, style: TimeStyle, since: number | undefined): string {
  if (style === 'clock') return formatTime(at);
  if (since === undefined) return '–';
  return formatSpan(at - since, style === 'before' ? '+' : '');
}

/** "+0.12 ms", "+340 ms", "2.041 s", "5:03.120", of a time in milliseconds. */
export function formatSpan(milliseconds: number, sign = ''): string {
  if (milliseconds < 0) return `−${formatSpan(-milliseconds)}`;
  if (milliseconds < 10) return `${sign}${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 1000) return `${sign}${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${sign}${seconds.toFixed(3)} s`;
  return `${sign}${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(3).padStart(6, '0')}`;
}
