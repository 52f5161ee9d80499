import type { Target } from '../scenario/schema.ts';
import type { DialogueKind } from './dialogue.ts';
import { plain } from './plain.ts';

const kinds: Partial<Readonly<Record<Target['protocol'], DialogueKind>>> = { plain };

export function dialogueKind(protocol: Target['protocol']): DialogueKind {
  return kinds[protocol] ?? plain;
}
