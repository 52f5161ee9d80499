import type { Target } from '../scenario/schema.ts';
import { centrifugo } from './centrifugo.ts';
import type { DialogueKind } from './dialogue.ts';
import { plain } from './plain.ts';
import { pusher } from './pusher.ts';
import { socketIo } from './socket-io.ts';
import { stomp } from './stomp.ts';

const kinds: Readonly<Record<Target['protocol'], DialogueKind>> = {
  plain,
  'socket.io': socketIo,
  pusher,
  stomp,
  centrifugo,
};

export function dialogueKind(protocol: Target['protocol']): DialogueKind {
  return kinds[protocol];
}
