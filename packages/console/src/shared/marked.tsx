import { markHits } from './hits.ts';

/** A text in which what was looked for is marked. */
export function Marked({ text, find }: { text: string; find: RegExp | undefined }) {
  if (find === undefined) return <>{text}</>;
  return (
    <>
      {markHits(text, find).map((piece, index) => (piece.isHit ? <mark key={index}>{piece.text}</mark> : piece.text))}
    </>
  );
}
