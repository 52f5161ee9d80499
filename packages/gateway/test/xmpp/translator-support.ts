import { type ConnectionInfo, kinds, type Sides, type Translator } from '@tidewire/gateway';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { OPEN } from './support.ts';

// A translator between sides that write down what it says, elements in all the ways they may be written, and what a parser makes of
// them.

export const STREAM =
  'xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" xmlns:x="urn:x" xmlns:y="urn:y&amp;&quot;"';
export const HEADER = `<?xml version='1.0'?><stream:stream ${STREAM} id="1" from="localhost" version="1.0">`;

export class Recorder implements Sides {
  readonly messages: (string | Uint8Array)[] = [];
  bytes = '';
  closed: readonly [code: number, reason: string] | undefined;

  toClient(message: string | Uint8Array): void {
    if (this.closed === undefined) this.messages.push(message);
  }

  toServer(bytes: Uint8Array): void {
    this.bytes += Buffer.from(bytes).toString();
  }

  close(code: number, reason: string): void {
    this.closed ??= [code, reason];
  }

  startTls(): Promise<void> {
    return Promise.reject(new Error('There is none'));
  }
}

export function translator(more: Partial<ConnectionInfo> = {}): { sides: Recorder; it: Translator } {
  const sides = new Recorder();
  const it = kinds.xmpp.translate(sides, {
    ...{ subprotocol: 'xmpp', name: 'xmpp', host: 'localhost', messages: 'auto', clientAddress: undefined },
    ...{ isEncrypted: false, encryption: 'none', maxMessageSize: 1_000_000, maxStanzaSize: 100_000 },
    ...more,
  });
  return { sides, it };
}

/** With its stream open, and what was said until then forgotten. */
export function opened(more: Partial<ConnectionInfo> = {}, header = HEADER): { sides: Recorder; it: Translator } {
  const { sides, it } = translator(more);
  it.fromClient(OPEN);
  it.fromServer(Buffer.from(header));
  sides.messages.length = 0;
  sides.bytes = '';
  return { sides, it };
}

/** What an XML parser makes of each element in a document: names and attributes by namespace, and text. */
export function meaning(document: string, level: number): unknown[] {
  const found: unknown[] = [];
  const stack: unknown[][] = [];
  const into = () => stack.at(-1) ?? found;
  const parser = new SaxesParser({ xmlns: true });
  let depth = 0;
  const text = (content: string) => {
    if (depth <= level) return;
    const siblings = into();
    const last = siblings.at(-1);
    if (typeof last === 'string') siblings[siblings.length - 1] = last + content;
    else if (content !== '') siblings.push(content);
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('opentag', ({ uri, local, attributes }) => {
    depth += 1;
    if (depth <= level) return;
    const named = Object.values(attributes).filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns');
    const children: unknown[] = [];
    const sorted = named.map((each) => `{${each.uri}}${each.local}=${each.value}`).sort();
    into().push([uri, local, sorted, children]);
    stack.push(children);
  });
  parser.on('closetag', () => {
    if (depth > level) stack.pop();
    depth -= 1;
  });
  parser.write(document).close();
  return found;
}

// --- elements, as they may be written -----------------------------------------------------------------------------------

const character = fc.constantFrom(
  'a',
  'é',
  '世',
  '🙂',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '>',
  '"',
  "'",
  '&lt;',
  '&amp;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x1F642;',
  '&#93;',
  '/',
);
const written = fc.array(character, { maxLength: 12 }).map((pieces) => pieces.join(''));
const cdata = fc
  .array(fc.constantFrom('<', '&', '>', 'a', '🙂', '</x>', '<!--'), { maxLength: 6 })
  .map((each) => `<![CDATA[${each.join('')}]]>`);
const prefix = fc.constantFrom('', '', 'x:', 'y:', 'stream:', 'z:');
const attribute = fc.tuple(fc.constantFrom('to', 'x:to', 'y:to', 'xml:lang', 'id'), written, fc.constantFrom('"', "'"));
const declaration = fc.constantFrom(
  '',
  '',
  ' xmlns="urn:other"',
  ' xmlns:x="urn:another"',
  " xmlns=''",
  ' xmlns:y = "urn:1"',
);

export const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      ...{ prefix, declaration, space: fc.constantFrom('', ' ', '\n') },
      name: fc.constantFrom('message', 'iq', 'a-b.c', 'ü'),
      attributes: fc.uniqueArray(attribute, { maxLength: 3, selector: ([name]) => name }),
      children: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.array(fc.oneof(written, cdata), { maxLength: 3 }),
        fc.array(fc.oneof(written, tie('element')), { maxLength: 3 }),
      ),
    })
    .map(({ prefix: given, declaration: declared, space, name, attributes, children }) => {
      const own = given === 'z:' ? ' xmlns:z="urn:z"' : '';
      const list = attributes.map(([key, value, quote]) => ` ${key}=${quote}${value.replaceAll(quote, '')}${quote}`);
      const tag = given + name;
      const start = `<${tag}${own}${declared}${list.join('')}${space}`;
      return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${tag}${space}>`;
    }),
}));
