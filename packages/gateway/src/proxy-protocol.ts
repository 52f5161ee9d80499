import { isIPv4 } from 'node:net';

// The PROXY protocol, version 2: tells a server, in front of all else, whom a connection is for.
// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, section 2.2

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** Version 2, and the command PROXY. */
const VERSION_AND_COMMAND = 0x21;
/** The address families, over a stream. */
const INET = 0x11;
const INET6 = 0x21;
const UNSPEC = 0x00;

const TLV = { ALPN: 0x01, AUTHORITY: 0x02, UNIQUE_ID: 0x05, SSL: 0x20, SSL_VERSION: 0x21 } as const;
/** PP2_CLIENT_SSL: the client connected over TLS. */
const CLIENT_SSL = 0x01;

/** RFC 1035, 2.3.4, and a port. A client may name what it likes, and the length of all must fit into 16 bits. */
const LONGEST_AUTHORITY = 255 + ':65535'.length;

export interface ProxiedClient {
  /** `undefined` on a Unix socket. The port is 0 where only the address is known. */
  readonly source: { readonly address: string; readonly port: number } | undefined;
  /** Where it has connected to. */
  readonly destination: { readonly address: string; readonly port: number } | undefined;
  /** For the logs of both sides, at most 128 bytes. */
  readonly id: string;
  /** The host that the client has asked for. Left out if it is longer than any name. */
  readonly authority: string | undefined;
  /** The subprotocol: what a server behind this has of a choice of protocols. */
  readonly protocol: string | undefined;
  /** The version, such as `TLSv1.3`, if the client has come over TLS. */
  readonly tls: string | undefined;
}

/** The header that goes in front of the first byte. */
export function proxyHeader({ source, destination, id, authority, protocol, tls }: ProxiedClient): Uint8Array {
  const [family, addresses] = addressBlock(source, destination);
  const isName = authority !== undefined && Buffer.byteLength(authority) <= LONGEST_AUTHORITY;
  const fields = [
    field(TLV.UNIQUE_ID, Buffer.from(id)),
    ...(protocol === undefined ? [] : [field(TLV.ALPN, Buffer.from(protocol))]),
    ...(isName ? [field(TLV.AUTHORITY, Buffer.from(authority))] : []),
    ...(tls === undefined ? [] : [field(TLV.SSL, tlsField(tls))]),
  ];
  const length = addresses.length + fields.reduce((sum, each) => sum + each.length, 0);
  const head = Buffer.from([VERSION_AND_COMMAND, family, length >> 8, length & 0xff]);
  return Buffer.concat([SIGNATURE, head, addresses, ...fields]);
}

function field(type: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]);
}

/** 2.2.6: what is so of the client, four bytes for its certificate, which was not asked for, and the version. */
function tlsField(version: string): Buffer {
  return Buffer.concat([Buffer.from([CLIENT_SSL, 0, 0, 0, 1]), field(TLV.SSL_VERSION, Buffer.from(version))]);
}

function addressBlock(source: ProxiedClient['source'], destination: ProxiedClient['destination']) {
  if (source === undefined || destination === undefined) return [UNSPEC, Buffer.alloc(0)] as const;
  const both = [source.address, destination.address].map(plainAddress);
  const ports = Buffer.from([source.port >> 8, source.port & 0xff, destination.port >> 8, destination.port & 0xff]);
  if (both.every((address) => isIPv4(address))) {
    return [INET, Buffer.concat([...both.map(bytesOfIPv4), ports])] as const;
  }
  return [INET6, Buffer.concat([...both.map(bytesOfIPv6), ports])] as const;
}

/** An IPv4 address that comes in the clothes of IPv6 is one of IPv4; a zone says nothing to others. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
}

function bytesOfIPv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function bytesOfIPv6(address: string): Buffer {
  if (isIPv4(address)) return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), bytesOfIPv4(address)]);
  // As a URL writes it: in hexadecimal throughout.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const first = words(before);
  const last = words(after ?? '');
  const middle = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return Buffer.from([...first, ...middle, ...last].flatMap((word) => [word >> 8, word & 0xff]));
}
