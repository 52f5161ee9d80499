import {
  channelOf,
  chatLimits,
  checkMessage,
  checkName,
  checkRoom,
  checkStamped,
  type Kind,
  roomOf,
  standingRooms,
} from '@tidewire/console/chat-messages';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
const PNG = base64('\x89PNG\r\n\x1a\n...');
const files: [string, string][] = [
  ['image/png', '\x89PNG\r\n\x1a\n...'],
  ['image/jpeg', '\xff\xd8\xff...'],
  ['image/gif', 'GIF89a...'],
  ['image/webp', 'RIFF....WEBPVP8 '],
  ['image/avif', '....ftypavif....'],
];

const kinds: Kind[] = ['said', 'photo', 'typing'];

describe('a message of the chat', () => {
  test.each<[Kind, object]>([
    ['said', { text: 'Hello <b>Ben</b> 🌊' }],
    ['said', { text: 'x'.repeat(chatLimits.text) }],
    ['typing', { isTyping: true }],
    ...files.map(([mime, text]): [Kind, object] => ['photo', { name: 'a b.c', mime, data: base64(text) }]),
  ])('%s is what it says: %j', (kind, message) => {
    expect(checkMessage(kind, message)).toEqual({ ok: true, value: message });
    expect(checkStamped(kind, { ...message, at: 5 })).toEqual({ ok: true, value: { ...message, at: 5 } });
    expect(checkStamped(kind, message).ok).toBe(false);
    expect(checkMessage(kind, { ...message, at: 5 }).ok).toBe(false);
  });

  test.each<[Kind, unknown]>([
    ['said', null],
    ['said', []],
    ['said', 'text'],
    ['said', {}],
    ['said', { text: '' }],
    ['said', { text: ' \n' }],
    ['said', { text: 5 }],
    ['said', { text: 'x'.repeat(chatLimits.text + 1) }],
    ['said', { text: 'x', constructor: 'y' }],
    ['typing', { isTyping: 1 }],
    ['photo', { name: 'a', mime: 'image/png' }],
    ['photo', { name: '', mime: 'image/png', data: PNG }],
    ['photo', { name: 'a\u202eb', mime: 'image/png', data: PNG }],
    ['photo', { name: 'a', mime: 'text/html', data: PNG }],
    ['photo', { name: 'a', mime: 'image/jpeg', data: PNG }],
    ['photo', { name: 'a', mime: 'image/png', data: `${PNG}=` }],
    ['photo', { name: 'a', mime: 'image/png', data: base64('<svg>') }],
    ['photo', { name: 'a', mime: 'image/png', data: '' }],
  ])('%s is not %j', (kind, message) => {
    expect(checkMessage(kind, message)).toEqual({ ok: false, error: expect.any(String) });
  });

  it('is checked whatever it is, without an exception', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.anything(), (kind, value) => {
        const { ok } = checkMessage(kind, value);
        expect(typeof ok).toBe('boolean');
        checkStamped(kind, value);
        checkName(value);
        checkRoom(value);
      }),
    );
  });
});

describe('a name', () => {
  it('is trimmed, of a length, and shows nothing that is not there', () => {
    expect(checkName('  Ann ')).toEqual({ ok: true, value: 'Ann' });
    expect(checkName('x'.repeat(chatLimits.name)).ok).toBe(true);
    for (const name of ['', '  ', 'x'.repeat(chatLimits.name + 1), 'a\nb', 'a\u202eb', '\ud800', 5, undefined])
      expect(checkName(name).ok).toBe(false);
  });
});

describe('a room', () => {
  it('is named in lower case, with letters of any script', () => {
    expect(checkRoom(' Größer-2 ')).toEqual({ ok: true, value: 'größer-2' });
    expect(checkRoom('हिन्दी')).toEqual({ ok: true, value: 'हिन्दी'.normalize('NFC') });
    for (const name of ['', '-a', 'a b', 'a:b', 'a*', '#a', 'x'.repeat(chatLimits.room + 1), 5])
      expect(checkRoom(name).ok).toBe(false);
  });

  it('is called the same after another look', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (text) => {
        const once = checkRoom(text);
        if (once.ok) expect(checkRoom(once.value)).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('is a channel of each kind, and is found in that', () => {
    for (const kind of kinds)
      for (const room of standingRooms) expect(roomOf(channelOf(kind, room))).toEqual({ kind, room });
    expect(channelOf('said', 'lobby')).toBe('chat:lobby');
    for (const channel of ['chat', 'lobby', 'other:lobby', '', ':chat']) expect(roomOf(channel)).toBeUndefined();
  });
});
