// Where in a text is what was looked for.

export interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

/** Pieces at most: what is found a thousand times in one text is not marked each time. */
const MOST_PIECES = 400;

/** A text in pieces, of which some are what was looked for. */
export function markHits(text: string, find: RegExp | undefined): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  if (find !== undefined) {
    for (const match of text.matchAll(new RegExp(find.source, `${find.flags}g`))) {
      if (match[0] === '') continue;
      if (match.index > from) pieces.push({ text: text.slice(from, match.index), isHit: false });
      pieces.push({ text: match[0], isHit: true });
      from = match.index + match[0].length;
      if (pieces.length >= MOST_PIECES) break;
    }
  }
  if (from < text.length || pieces.length === 0) pieces.push({ text: text.slice(from), isHit: false });
  return pieces;
}
