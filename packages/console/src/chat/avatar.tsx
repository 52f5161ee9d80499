import type { Person } from './entry.ts';

/** The first letter of a name, on a colour that belongs to the person. */
export function Avatar({ person: { id, name } }: { person: Person }) {
  // 137.5 degrees, the golden angle, keeps the colours of numbers that are close to each other far apart.
  let sum = 0;
  for (const character of id) sum = (sum * 10 + (character.codePointAt(0) ?? 0)) % 7919;
  const hue = Math.round(sum * 137.5) % 360;
  return (
    <span class="avatar" aria-hidden="true" style={{ '--hue': String(hue) }}>
      {[...name][0]?.toLocaleUpperCase()}
    </span>
  );
}
