// V8: the version of the protocol (RFC 6455, 4.1, 4.2.2 and 4.4), and version 8 of the drafts, which has the same frames and
// names the Origin Sec-WebSocket-Origin. H: what else in the handshake no client and no server may take.
import type { Case, Headers, Role } from '../table.ts';
import { closes, getText, send, text } from '../words.ts';

const server: readonly Role[] = ['server'];
const client: readonly Role[] = ['client'];
const works = [send(text('x')), getText('x'), ...closes];

const accepted: readonly (readonly [string, Headers])[] = [
  ['version 8', { 'Sec-WebSocket-Version': '8' }],
  ['version 8 with its Origin', { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://{host}' }],
  ['version 13', {}],
  ['version 13 with its Origin', { Origin: 'http://{host}' }],
];

const otherVersions: readonly (readonly [string, Headers])[] = [
  ['7', { 'Sec-WebSocket-Version': '7' }],
  ['0', { 'Sec-WebSocket-Version': '0' }],
  ['14', { 'Sec-WebSocket-Version': '14' }],
  ['013', { 'Sec-WebSocket-Version': '013' }],
  ['08', { 'Sec-WebSocket-Version': '08' }],
  ['13.0', { 'Sec-WebSocket-Version': '13.0' }],
  ['+13', { 'Sec-WebSocket-Version': '+13' }],
  ['not given', { 'Sec-WebSocket-Version': undefined }],
  ['empty', { 'Sec-WebSocket-Version': '' }],
  ['13, 8 in one line', { 'Sec-WebSocket-Version': '13, 8' }],
  ['13 and 8 in two lines', { 'Sec-WebSocket-Version': ['13', '8'] }],
  ['13 twice', { 'Sec-WebSocket-Version': ['13', '13'] }],
];

const versions: readonly Case[] = [
  ...accepted.map(([title, request], n) => ({
    id: `V8.1.${n + 1}`,
    title,
    roles: server,
    opening: { request },
    script: works,
  })),
  ...otherVersions.map(([title, request], n) => ({
    id: `V8.2.${n + 1}`,
    title: `version ${title}`,
    roles: server,
    // 4.2.2: an appropriate status such as 426, and the versions that the server takes.
    opening: { request, outcome: { refused: [426], headers: { 'Sec-WebSocket-Version': '13, 8' } } },
    script: [],
  })),
  {
    id: 'V8.3.1',
    title: 'version 8 with a foreign Origin',
    roles: server,
    opening: {
      request: { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://elsewhere.example' },
      outcome: { refused: [403] },
    },
    script: [],
  },
  {
    id: 'V8.3.2',
    title: 'version 13 with a foreign Origin',
    roles: server,
    opening: { request: { Origin: 'http://elsewhere.example' }, outcome: { refused: [403] } },
    script: [],
  },
];

const keys: readonly Case[] = ['x3JJHMbDL1EzLkh9GBhXDw==', 'dGhlIHNhbXBsZSBub25jZQ=='].map((key, n) => ({
  id: `H.1.${n + 1}`,
  title: `the answer to the key ${key}`,
  roles: server,
  opening: {
    request: { 'Sec-WebSocket-Key': key },
    wanted: { 'Sec-WebSocket-Accept': ['HSmrc0sMlYUkAGmm5OPpG2HaGWk=', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='][n] },
  },
  script: works,
}));

const badRequests: readonly (readonly [string, Headers, string?])[] = [
  ['no key', { 'Sec-WebSocket-Key': undefined }],
  ['an empty key', { 'Sec-WebSocket-Key': '' }],
  ['a key of 15 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }],
  ['a key of 17 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }],
  ['a key that is not base64', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZ!==' }],
  ['two keys', { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'x3JJHMbDL1EzLkh9GBhXDw=='] }],
  ['no Host', { Host: undefined }],
  ['HTTP/1.0', {}, 'GET {path} HTTP/1.0'],
  ['POST', {}, 'POST {path} HTTP/1.1'],
  ['a body', { 'Content-Length': '4' }],
];

const refused: readonly Case[] = badRequests.map(([title, request, requestLine], n) => ({
  id: `H.2.${n + 1}`,
  title: `a request with ${title}`,
  roles: server,
  opening: {
    request,
    ...(requestLine === undefined ? {} : { requestLine }),
    outcome: { refused: [400, 405, 426, 505] },
  },
  script: [],
}));

const badResponses: readonly (readonly [string, Headers, string?])[] = [
  ['no accept', { 'Sec-WebSocket-Accept': undefined }],
  ['the accept of another key', { 'Sec-WebSocket-Accept': 'HSmrc0sMlYUkAGmm5OPpG2HaGWk=' }],
  ['no Upgrade', { Upgrade: undefined }],
  ['another Upgrade', { Upgrade: 'h2c' }],
  ['no Connection', { Connection: undefined }],
  ['another Connection', { Connection: 'close' }],
  ['a subprotocol that was not asked for', { 'Sec-WebSocket-Protocol': 'chat' }],
  ['an extension that was not offered', { 'Sec-WebSocket-Extensions': 'x-nothing' }],
  ['status 200', {}, 'HTTP/1.1 200 OK'],
  ['status 426', {}, 'HTTP/1.1 426 Upgrade Required'],
  ['status 302', { Location: '/elsewhere' }, 'HTTP/1.1 302 Found'],
];

const given: readonly Case[] = badResponses.map(([title, response, statusLine], n) => ({
  id: `H.3.${n + 1}`,
  title: `a response with ${title}`,
  roles: client,
  opening: {
    response: statusLine === undefined ? response : { 'Content-Length': '0', ...response },
    ...(statusLine === undefined ? {} : { statusLine }),
    outcome: { refused: [] },
  },
  script: [],
}));

export const handshakes: readonly Case[] = [...versions, ...keys, ...refused, ...given];
