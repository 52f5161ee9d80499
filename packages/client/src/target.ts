// The URL of a connection: step 1 to 7 of the constructor, https://websockets.spec.whatwg.org/#dom-websocket-websocket

/** https://fetch.spec.whatwg.org/#port-blocking */
const blockedPorts: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** @throws DOMException of the name SyntaxError */
export function parseTarget(url: string, base: string | undefined): URL {
  const target = resolve(url, base);
  if (target === undefined) throw syntaxError(`${JSON.stringify(url)} is not a URL, or is relative without a base`);
  const isWebSocket = toWebSocketScheme(target);
  if (!isWebSocket) throw syntaxError(`The scheme must be ws, wss, http or https, not ${target.protocol.slice(0, -1)}`);
  // A fragment may be empty: only the serialization shows that it is there.
  if (target.href.includes('#')) throw syntaxError('The URL of a WebSocket must not have a fragment');
  return target;
}

/** Gives an `http:` or `https:` URL the scheme of a WebSocket. Returns whether it now has one. */
export function toWebSocketScheme(url: URL): boolean {
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  return url.protocol === 'ws:' || url.protocol === 'wss:';
}

export function isSecure(target: URL): boolean {
  return target.protocol === 'wss:';
}

/** The host as a name or an address, an IPv6 one without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'wss:' || url.protocol === 'https:' ? 443 : 80;
}

export function isBlockedPort(target: URL): boolean {
  return target.port !== '' && blockedPorts.has(Number(target.port));
}

/** The `Basic` credentials that a URL carries, as the value of a header. `undefined` if it carries none. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const text = `${percentDecode(url.username)}:${percentDecode(url.password)}`;
  return `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
}

export function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

function resolve(url: string, base: string | undefined): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Into bytes, as characters up to U+00FF. The URL parser has left ASCII only. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
