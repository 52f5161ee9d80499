import { STATUS_CODES } from 'node:http';
import type { WebSocketFailure } from '@tidewire/client';
import { codeOf, describeSystemError, oneLine } from '../problem.ts';
import { visible } from './format.ts';

const CERTIFICATE_HINT = '--ca names a certificate to trust, --insecure trusts anybody';

/** Errors of TLS that say that the server's certificate is not trusted. */
const distrust = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_/;

/** Why a connection failed, in one line. */
export function describeFailure(failure: WebSocketFailure | undefined): string {
  if (failure === undefined) return 'for an unknown reason';
  const { code, message, response, cause } = failure;
  switch (code) {
    case 'STATUS':
    case 'PROXY_REFUSED':
      return response === undefined ? oneLine(message) : describeAnswer(code, response);
    case 'CONNECT':
      return describeSystemError(cause ?? failure);
    case 'PROXY':
      return `no connection to the proxy: ${visible(describeSystemError(cause ?? failure))}`;
    case 'TLS': {
      if (codeOf(cause) === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'TLS: the server does not speak TLS there (ws://?)';
      const problem = visible(describeSystemError(cause ?? failure));
      return distrust.test(codeOf(cause) ?? '') ? `TLS: ${problem} (${CERTIFICATE_HINT})` : `TLS: ${problem}`;
    }
    case 'HANDSHAKE_TIMEOUT':
      return 'there was no answer in time (--timeout)';
    default:
      return visible(oneLine(message));
  }
}

function describeAnswer(code: string, { status, body }: { readonly status: number; readonly body: string }): string {
  const who = code === 'STATUS' ? 'the server' : 'the proxy';
  const phrase = STATUS_CODES[status] ?? '';
  const [line = ''] = body.trim().split(/[\r\n]/, 1);
  // A page is for browsers, and what only repeats the status says nothing.
  const said = line === '' || line.startsWith('<') || line === phrase ? '' : `: ${visible(line.slice(0, 200))}`;
  return `${who} refused with ${`${status} ${phrase}`.trim()}${said}`;
}
