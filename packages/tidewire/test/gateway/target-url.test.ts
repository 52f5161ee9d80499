import { expect, test } from 'vitest';
import { readTargetUrl } from '../../src/gateway/target-url.ts';

test.each([
  ['tcp://localhost:61613', { type: 'stream', host: 'localhost', port: 61613, tls: false }],
  ['tls://[::1]:8883', { type: 'stream', host: '::1', port: 8883, tls: true }],
  ['xmpp://xmpp.example.com', { type: 'xmpp', host: 'xmpp.example.com', port: 5222, tls: false }],
  ['xmpp://localhost:5269/', { type: 'xmpp', host: 'localhost', port: 5269, tls: false }],
  ['xmpps://localhost:5223', { type: 'xmpp', host: 'localhost', port: 5223, tls: true }],
  ['xmpps://localhost', undefined],
  ['tcp://localhost', undefined],
])('%s is read as a target, with the port of its scheme where it has one', (text, address) => {
  expect(readTargetUrl(text)).toEqual(address);
});
