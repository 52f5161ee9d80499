import { once } from 'node:events';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { nodePlatform } from '@tidewire/node';
import {
  checkDeflate,
  checkResponse,
  createConnect,
  createRequest,
  type DeflateAgreement,
  HeaderList,
  offerDeflate,
  type ResponseResult,
  type SentRequest,
} from '@tidewire/protocol';

// Opening handshakes by hand, for who speaks frames himself.

/** A stream of frames that is open. */
export interface Wire {
  readonly stream: Duplex;
  readonly subprotocol: string;
  readonly agreement: DeflateAgreement | undefined;
}

export interface Offer {
  readonly subprotocols?: readonly string[] | undefined;
  readonly deflate?: boolean | undefined;
}

const codec = nodePlatform.deflate;

function offered({ subprotocols = [], deflate = false }: Offer) {
  const extensions = deflate && codec !== undefined ? offerDeflate({ clientMaxWindowBits: true }, codec) : [];
  return { platform: nodePlatform, host: 'localhost', target: '/', subprotocols, extensions };
}

/** RFC 6455, 4. */
export async function openByUpgrade(stream: Duplex, offer: Offer = {}): Promise<Wire> {
  const sent = createRequest(offered(offer));
  const lines = sent.headers.map(([name, value]) => `${name}: ${value}`);
  stream.write(`GET ${sent.target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const [first = '', ...headers] = (await readHead(stream)).split('\r\n');
  const pairs = headers.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
  const answer = { status: Number(first.split(' ')[1]), headers: new HeaderList(pairs) };
  return agreed(stream, sent, checkResponse(sent, answer));
}

/** RFC 8441, 5. */
export async function openByConnect(session: ClientHttp2Session): Promise<Duplex> {
  const sent = createConnect({ ...offered({}), scheme: 'http' });
  const stream = session.request(Object.fromEntries(sent.headers), { endStream: false });
  stream.on('error', () => {});
  const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  if (Number(fields[':status']) !== 200) throw new Error(`The status is ${fields[':status']}`);
  return stream;
}

function agreed(stream: Duplex, sent: SentRequest, result: ResponseResult): Wire {
  if (!result.ok) throw new Error(`The handshake failed: ${result.code}`);
  const { subprotocol, extensions } = result;
  if (extensions.length === 0 || codec === undefined) return { stream, subprotocol, agreement: undefined };
  const deflate = checkDeflate(extensions, sent.extensions, codec);
  if (!deflate.ok) throw new Error(`The handshake failed: ${deflate.code}`);
  return { stream, subprotocol, agreement: deflate.agreement };
}

/** What comes behind the head stays in the stream. */
async function readHead(stream: Duplex): Promise<string> {
  let read = Buffer.alloc(0);
  for (;;) {
    await once(stream, 'readable');
    const chunk: Buffer | null = stream.read();
    if (chunk === null) throw new Error('The stream ended in the handshake');
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf('\r\n\r\n');
    if (end === -1) continue;
    if (read.length > end + 4) stream.unshift(read.subarray(end + 4));
    return read.subarray(0, end).toString('latin1');
  }
}
