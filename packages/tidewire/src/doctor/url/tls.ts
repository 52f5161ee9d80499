import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { describeSystemError, UsageError } from '../../problem.ts';
import type { Finding } from '../finding.ts';
import { milliseconds, type Reach } from './probe.ts';

// The connection below the WebSocket: whether anybody answers, and whom a client would trust.

const DAY = 24 * 60 * 60 * 1000;

/** Days before its end from which a certificate is worth a warning. */
const SOON = 14;

/** In milliseconds. */
const PATIENCE = 10_000;

/** @throws UsageError if nobody answers */
export async function examineConnection(reach: Reach): Promise<readonly Finding[]> {
  const { hostname, port, protocol } = reach.url;
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'wss:' || protocol === 'https:';
  const at = Number(port === '' ? (isSecure ? 443 : 80) : port);
  const begin = performance.now();
  const socket = connectTcp({ host, port: at });
  socket.setTimeout(PATIENCE, () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new UsageError(`${host}, port ${at}, cannot be reached: ${describeSystemError(error)}`);
  }
  const took = performance.now() - begin;
  const reached: Finding = {
    check: 'reach',
    grade: 'ok',
    what: `${socket.remoteAddress}, port ${at}, answers after ${milliseconds(took)}.`,
  };
  socket.destroy();
  return [reached, ...(isSecure ? await examineTls(reach, host, at) : [withoutTls(host)])];
}

function withoutTls(host: string): Finding {
  const what = 'The URL is one without TLS.';
  if (host === 'localhost' || host.startsWith('127.') || host === '::1') return { check: 'tls', grade: 'ok', what };
  return {
    check: 'tls',
    grade: 'warning',
    what,
    why: 'Proxies between the client and here may change or refuse what they can read, and a page of https: may not connect to ws: at all.',
    mend: ['a certificate at the proxy in front (docs/deployment), or tidewire serve --cert FILE --key FILE'],
  };
}

async function examineTls({ options }: Reach, host: string, port: number): Promise<readonly Finding[]> {
  const { tls = {} } = options;
  // Looked at whatever it is, and judged then.
  const socket = connectTls({
    host,
    port,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: false,
  });
  socket.setTimeout(PATIENCE, () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
  try {
    await once(socket, 'secureConnect');
  } catch (error) {
    return [
      {
        check: 'tls',
        grade: 'problem',
        what: `No TLS connection can be made: ${describeSystemError(error)}.`,
        why: 'Clients of wss: need one. A server that answers here in plain HTTP is for ws:.',
      },
    ];
  }
  const findings = [versionOf(socket), trustOf(socket), validityOf(socket.getPeerCertificate())];
  socket.destroy();
  return findings.filter((finding) => finding !== undefined);
}

function versionOf(socket: TLSSocket): Finding {
  const version = socket.getProtocol() ?? 'an unknown version';
  const what = `${version}, and ${socket.alpnProtocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1'} as the server prefers.`;
  return { check: 'tls', grade: 'ok', what };
}

function trustOf(socket: TLSSocket): Finding {
  const { authorized, authorizationError } = socket;
  if (authorized)
    return { check: 'certificate', grade: 'ok', what: 'The certificate is trusted, and is for this name.' };
  const code = String(authorizationError ?? '');
  return {
    check: 'certificate',
    grade: 'problem',
    what: `The certificate is not trusted here: ${meanings[code] ?? code}.`,
    why: 'Browsers and programs refuse the connection, and a page learns no reason.',
    mend: ['the certificate with its whole chain behind it, in one file; or --ca FILE if the authority is your own'],
  };
}

const meanings: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it has signed itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'an authority that nobody knows has signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificates between it and the authority are not sent',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody knows who has signed it',
  CERT_HAS_EXPIRED: 'it has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

function validityOf({ valid_to }: PeerCertificate): Finding | undefined {
  const end = Date.parse(valid_to);
  if (Number.isNaN(end)) return undefined;
  const days = Math.floor((end - Date.now()) / DAY);
  if (days >= SOON) return { check: 'certificate-end', grade: 'ok', what: `It is good for ${days} days more.` };
  return {
    check: 'certificate-end',
    grade: days < 0 ? 'problem' : 'warning',
    what: days < 0 ? `It ended ${-days} days ago.` : `It ends in ${days} days.`,
    why: 'From then on no client connects.',
    mend: ['renew it; tidewire serve reads it again on SIGHUP, and nginx on nginx -s reload'],
  };
}
