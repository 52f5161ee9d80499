import type { WebSocketFailure } from '@tidewire/client';
import type { Finding } from '../finding.ts';
import { leave, milliseconds, type Opened, open, type Reach } from './probe.ts';

// Whether the opening handshake gets through, and the closing one; and what they bring.

export async function examineUpgrade(reach: Reach): Promise<readonly Finding[]> {
  const opened = await open(reach, { deflate: true });
  if (!('socket' in opened)) return [refused(opened.failure)];
  const { socket, took } = opened;
  const { protocol, extensions } = socket;
  const spoken = protocol === '' ? '' : `, with the subprotocol ${protocol}`;
  const findings: Finding[] = [
    { check: 'upgrade', grade: 'ok', what: `A WebSocket opens after ${milliseconds(took)}${spoken}.` },
    compression(extensions),
  ];
  const { code, wasClean } = await leave(socket);
  return [...findings, closing(code, wasClean)];
}

function compression(extensions: string): Finding {
  const check = 'compression';
  if (!extensions.includes('permessage-deflate')) {
    return {
      check,
      grade: 'note',
      what: 'Messages are not compressed: the server, or something in front of it, did not agree to permessage-deflate.',
      why: 'It pays for long text such as JSON, and costs CPU time. Of tidewire serve it is --deflate.',
    };
  }
  const keeps = !/server_no_context_takeover/.test(extensions) && !extensions.includes('client_no_context_takeover');
  const what = `Messages may be compressed: ${extensions}.`;
  if (!keeps) return { check, grade: 'ok', what };
  return {
    check,
    grade: 'note',
    what,
    why: 'Both sides keep a window between messages: with some servers that is hundreds of KiB for each connection.',
    mend: [
      'server_no_context_takeover and client_no_context_takeover, which is what tidewire serve --deflate asks for',
    ],
  };
}

function closing(code: number, wasClean: boolean): Finding {
  if (wasClean && code === 1000) {
    return { check: 'close', grade: 'ok', what: 'The closing handshake gets through, with its code.' };
  }
  return {
    check: 'close',
    grade: 'warning',
    what: `The connection was closed with 1000, and ended with ${code}${wasClean ? '' : ', without a closing handshake'}.`,
    why: 'Clients cannot tell an end that was meant from one that was not, and come back when they should not.',
  };
}

function refused(failure: WebSocketFailure | undefined): Finding {
  const { response, message = 'it failed' } = failure ?? {};
  const base = { check: 'upgrade', grade: 'problem' } as const;
  if (response === undefined) return { ...base, what: `No WebSocket opens: ${message}.` };
  const by = response.headers.get('server') ?? response.headers.get('via');
  const what = `No WebSocket opens: the answer is ${response.status}${by === undefined ? '' : ` of ${by}`}.`;
  const advice = adviceFor(response.status);
  return { ...base, what, ...advice };
}

const passOn: readonly string[] = [
  'nginx, in the location:',
  '  proxy_http_version 1.1;',
  '  proxy_set_header Upgrade $http_upgrade;',
  '  proxy_set_header Connection $connection_upgrade;',
  'and outside of the server: map $http_upgrade $connection_upgrade { default upgrade; "" close; }',
  'HAProxy and Caddy pass it on by themselves (docs/deployment).',
];

/** What it mostly means. */
function adviceFor(status: number): Pick<Finding, 'why' | 'mend'> {
  if (status === 401 || status === 407) return { why: "It wants to know who asks: -H 'Authorization: …'." };
  if (status === 403)
    return { why: 'Somebody refuses it: the server because of the Origin (--origin), or a firewall for applications.' };
  if (status === 404) {
    return {
      why: 'Nothing is at this path; or a proxy did not pass the upgrade on, and the server saw a plain request.',
      mend: passOn,
    };
  }
  if (status >= 300 && status < 400) return { why: 'It leads elsewhere, which WebSockets of browsers do not follow.' };
  if (status === 429 || status === 503) return { why: 'It has as many connections as it takes, or is about to stop.' };
  if (status === 502 || status === 504) return { why: 'The proxy does not reach the server behind it.' };
  return {
    why: 'A proxy in between did not pass the upgrade on, or the server expects no WebSocket there: it saw a plain request of HTTP.',
    mend: passOn,
  };
}

/** Whether it opened. */
export function isOpen(opened: Opened): opened is Extract<Opened, { readonly socket: unknown }> {
  return 'socket' in opened;
}
