import type { ServerText } from '@tidewire/console/chat-messages';
import { describe, expect, it } from 'vitest';
import { enterRoom, noticeOf, updateRoom } from '../../src/chat/room.ts';

const ann = { id: '1', name: 'Ann' };
const bob = { id: '2', name: 'Bob' };
const cleo = { id: '3', name: 'Cleo' };
const limits = { text: 4000, image: 1000 };
const welcome = (...members: (typeof ann)[]) => ({ type: 'welcome', you: ann, members, limits }) as const;
const room = enterRoom(welcome(ann, bob));
const after = (...messages: ServerText[]) => messages.reduce(updateRoom, room);
const names = (...messages: ServerText[]) => after(...messages).members.map(({ name }) => name);

describe('the room', () => {
  it('has the members of the welcome and you, once', () => {
    expect(room).toEqual({ you: ann, members: [ann, bob], limits });
    expect(enterRoom(welcome(bob)).members).toEqual([bob, ann]);
  });

  it('follows who joins, leaves and takes another name', () => {
    expect(names({ type: 'joined', member: cleo, at: 1 })).toEqual(['Ann', 'Bob', 'Cleo']);
    expect(names({ type: 'left', member: bob, at: 1 })).toEqual(['Ann']);
    expect(names({ type: 'renamed', member: { id: '2', name: 'Rob' }, before: 'Bob', at: 1 })).toEqual(['Ann', 'Rob']);
  });

  it('counts nobody twice', () => {
    const joined = { type: 'joined', member: bob, at: 1 } as const;
    expect(names(joined, joined)).toEqual(['Ann', 'Bob']);
  });

  it('knows your own new name', () => {
    expect(after({ type: 'renamed', member: { id: '1', name: 'Annabel' }, before: 'Ann', at: 1 }).you.name).toBe(
      'Annabel',
    );
  });

  it('starts again with a new welcome', () => {
    expect(after({ type: 'joined', member: cleo, at: 1 }, welcome(ann)).members).toEqual([ann]);
  });

  it('is the same after what changes nothing', () => {
    expect(after({ type: 'said', from: bob, text: 'Hi', at: 1 })).toBe(room);
    expect(after({ type: 'refused', code: 'X', message: 'No' })).toBe(room);
  });
});

describe('a notice', () => {
  it.each<[string | undefined, ServerText]>([
    ['Cleo joined', { type: 'joined', member: cleo, at: 1 }],
    [undefined, { type: 'joined', member: ann, at: 1 }],
    ['Bob left', { type: 'left', member: bob, at: 1 }],
    ['Bob is now Rob', { type: 'renamed', member: { id: '2', name: 'Rob' }, before: 'Bob', at: 1 }],
    ['You are now Annabel', { type: 'renamed', member: { id: '1', name: 'Annabel' }, before: 'Ann', at: 1 }],
    ['You are in as Ann; 1 other is here', welcome(ann, bob)],
    ['Too fast', { type: 'refused', code: 'RATE', message: 'Too fast' }],
    [undefined, { type: 'said', from: bob, text: 'Hi', at: 1 }],
  ])('says %j', (text, message) => {
    expect(noticeOf(room, message)).toBe(text);
  });

  it('counts the others on entering', () => {
    expect(noticeOf(enterRoom(welcome(ann)), welcome(ann))).toBe('You are in as Ann; nobody else is here yet');
    const full = enterRoom(welcome(ann, bob, cleo));
    expect(noticeOf(full, welcome(ann, bob, cleo))).toBe('You are in as Ann; 2 others are here');
  });
});
