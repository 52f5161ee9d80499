// The room as one member knows it, and what each message of the server makes of it. Pure: no DOM.

import type { Member, ServerText } from '../chat-messages.ts';

export interface Room {
  readonly you: Member;
  /** In the order in which they came, `you` included. */
  readonly members: readonly Member[];
  readonly limits: { readonly text: number; readonly image: number };
}

type Welcome = Extract<ServerText, { type: 'welcome' }>;

export function enterRoom({ you, members, limits }: Welcome): Room {
  return { you, members: withMember(members, you), limits };
}

/** The room after a message. Messages that change nothing in it return the same object. */
export function updateRoom(room: Room, message: ServerText): Room {
  switch (message.type) {
    case 'welcome':
      return enterRoom(message);
    case 'joined':
      return { ...room, members: withMember(room.members, message.member) };
    case 'renamed': {
      const you = message.member.id === room.you.id ? message.member : room.you;
      return { ...room, you, members: withMember(room.members, message.member) };
    }
    case 'left':
      return { ...room, members: room.members.filter(({ id }) => id !== message.member.id) };
    default:
      return room;
  }
}

/** The members with `member` in the place of the one with the same id, or else at the end. */
function withMember(members: readonly Member[], member: Member): readonly Member[] {
  if (!members.some(({ id }) => id === member.id)) return [...members, member];
  return members.map((other) => (other.id === member.id ? member : other));
}

/** What to tell the reader about a message, if it is not something that somebody said. */
export function noticeOf(room: Room, message: ServerText): string | undefined {
  switch (message.type) {
    case 'welcome': {
      const others = room.members.length - 1;
      const company =
        others === 0 ? 'nobody else is here yet' : `${others} other${others === 1 ? ' is' : 's are'} here`;
      return `You are in as ${room.you.name}; ${company}`;
    }
    case 'joined':
      return message.member.id === room.you.id ? undefined : `${message.member.name} joined`;
    case 'left':
      return `${message.member.name} left`;
    case 'renamed': {
      const own = message.member.id === room.you.id;
      return own ? `You are now ${message.member.name}` : `${message.before} is now ${message.member.name}`;
    }
    case 'refused':
      return message.message;
    default:
      return undefined;
  }
}
