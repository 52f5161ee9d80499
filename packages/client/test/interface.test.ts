import { CloseEvent, WebSocket, WebSocketError, WebSocketStream } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { connect } from './support/sockets.ts';

const nowhere = 'ws://127.0.0.1:9/';
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'];
const writable = ['onopen', 'onmessage', 'onerror', 'onclose', 'binaryType'];

function descriptor(target: object, name: PropertyKey): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(target, name) ?? {};
}

describe('as Web IDL wants an interface', () => {
  test('WebSocket extends EventTarget, takes one argument at least, and says its name', () => {
    expect(Object.getPrototypeOf(WebSocket)).toBe(EventTarget);
    expect(WebSocket).toHaveLength(1);
    expect(String(connect(nowhere))).toBe('[object WebSocket]');
    expect(descriptor(WebSocket.prototype, Symbol.toStringTag)).toMatchObject({
      writable: false,
      enumerable: false,
      configurable: true,
    });
  });

  test.each(readOnly)('%s is an enumerable attribute, read-only and checked for its object', (name) => {
    const { get, set, enumerable, configurable } = descriptor(WebSocket.prototype, name);
    expect({ set, enumerable, configurable }).toEqual({ set: undefined, enumerable: true, configurable: true });
    expect(() => get?.call({})).toThrow(TypeError);
  });

  test.each(writable)('%s is an enumerable attribute, checked for its object before its value', (name) => {
    const { get, set, enumerable } = descriptor(WebSocket.prototype, name);
    expect(enumerable).toBe(true);
    expect(() => get?.call({})).toThrow(TypeError);
    expect(() => set?.call({}, 'blob')).toThrow(TypeError);
  });

  test.each([
    ['send', 1],
    ['close', 0],
  ])('%s is an enumerable operation of length %d', (name, length) => {
    const { value, enumerable } = descriptor(WebSocket.prototype, name);
    expect({ length: value.length, enumerable }).toEqual({ length, enumerable: true });
    expect(() => value.call({}, 'x')).toThrow(TypeError);
  });

  test.each(['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'])('%s is a constant of the class and of its objects', (name) => {
    const value = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].indexOf(name);
    const constant = { value, writable: false, enumerable: true, configurable: false };
    expect(descriptor(WebSocket, name)).toEqual(constant);
    expect(descriptor(WebSocket.prototype, name)).toEqual(constant);
    expect(connect(nowhere)[name as 'OPEN']).toBe(value);
  });

  test('WebSocketStream and WebSocketError say their names', () => {
    expect(Object.prototype.toString.call(WebSocketStream.prototype)).toBe('[object WebSocketStream]');
    expect(Object.prototype.toString.call(new WebSocketError())).toBe('[object WebSocketError]');
    expect(new WebSocketError('x')).toBeInstanceOf(DOMException);
  });
});

describe('binaryType', () => {
  test('takes its two values, and ignores all others', () => {
    const socket = connect(nowhere);
    socket.binaryType = 'arraybuffer';
    expect(socket.binaryType).toBe('arraybuffer');
    socket.binaryType = 'nodebuffer' as 'blob';
    expect(socket.binaryType).toBe('arraybuffer');
    socket.binaryType = { toString: () => 'blob' } as 'blob';
    expect(socket.binaryType).toBe('blob');
  });
});

describe('an on… attribute', () => {
  test('counts what is no object as null, and keeps any object', () => {
    const socket = connect(nowhere);
    expect(socket.onopen).toBeNull();
    for (const value of [1, 'text', undefined, Symbol('x')]) {
      socket.onopen = () => {};
      socket.onopen = value as never;
      expect(socket.onopen).toBeNull();
    }
    const object = { handleEvent: () => expect.unreachable('a handler is no listener object') };
    socket.onmessage = object as never;
    expect(socket.onmessage).toBe(object);
    socket.dispatchEvent(new Event('message'));
  });

  test('is called with the socket as this, in the place where it was first set', () => {
    const socket = connect(nowhere);
    const order: unknown[] = [];
    socket.addEventListener('open', () => order.push('first'));
    socket.onopen = () => order.push('replaced');
    socket.addEventListener('open', () => order.push('last'));
    socket.onopen = function () {
      order.push(this === socket);
    };
    socket.dispatchEvent(new Event('open'));
    expect(order).toEqual(['first', true, 'last']);
  });

  test('gives up its place when it is taken away', () => {
    const socket = connect(nowhere);
    const order: string[] = [];
    socket.onopen = () => order.push('handler');
    socket.addEventListener('open', () => order.push('listener'));
    socket.onopen = null;
    socket.onopen = () => order.push('handler');
    socket.dispatchEvent(new Event('open'));
    expect(order).toEqual(['listener', 'handler']);
  });

  test('cancels an event by returning false', () => {
    const socket = connect(nowhere);
    socket.onclose = () => false;
    expect(socket.dispatchEvent(new Event('close', { cancelable: true }))).toBe(false);
  });
});

describe('CloseEvent', () => {
  test('has defaults, and converts what it is given', () => {
    const empty = new CloseEvent('close');
    expect([empty.wasClean, empty.code, empty.reason, empty.bubbles]).toEqual([false, 0, '', false]);
    const init = { wasClean: 1, code: 65_536 + 7, reason: '\ud800', bubbles: true, cancelable: true };
    const full = new CloseEvent('close', init as never);
    expect([full.wasClean, full.code, full.reason, full.bubbles, full.cancelable]).toEqual([
      true,
      7,
      '\ufffd',
      true,
      true,
    ]);
    expect(String(full)).toBe('[object CloseEvent]');
  });

  test('needs a type and an object', () => {
    expect(() => Reflect.construct(CloseEvent, [])).toThrow(TypeError);
    expect(() => new CloseEvent('close', 'no' as never)).toThrow(TypeError);
  });
});
