import { SaxesParser, type SaxesTagNS } from 'saxes';
import { STREAMS } from './namespaces.ts';
import { StreamProblem } from './stream-problem.ts';

// Finds the elements of XMPP in text, wherever that is cut, and gives each as it was written: nothing is written anew, so nothing
// can be written wrongly. What is kept is the text of one element at most. An element may be the root itself, as in a message of
// a WebSocket, or stand in the root, as in a stream of TCP.
//
// RFC 6120, 11.1, leaves of XML no comments, no processing instructions, no DTD, and so no entities but the five predefined.

/** Elements within elements. */
const MAX_DEPTH = 128;

/** A part of an element's text, from its first character to behind its last. */
interface Child {
  readonly local: string;
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

export type Attributes = Readonly<Record<string, { readonly value: string }>>;

export interface XmlElement {
  /** With its prefix. */
  readonly name: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: Attributes;
  readonly text: string;
  /** The prefixes that it uses and does not declare; the empty string is the default namespace. */
  readonly inherited: ReadonlySet<string>;
  /** Of the features of a stream only. */
  readonly children: readonly Child[];
}

/** The start tag of a stream. */
export interface StreamHeader {
  readonly local: string;
  readonly uri: string;
  readonly attributes: Attributes;
  /** By prefix. */
  readonly namespaces: Readonly<Record<string, string>>;
}

/** Each is called from within `write`. */
export interface ReaderHandler {
  header(header: StreamHeader): void;
  element(element: XmlElement): void;
  /** The root has ended. What follows is not read. */
  ended(): void;
}

export interface ReaderOptions {
  /** Whether the elements stand in a root. */
  readonly isStream: boolean;
  /** Bytes of an element. */
  readonly maxSize: number;
}

interface OpenElement {
  readonly tag: SaxesTagNS;
  readonly start: number;
  readonly inherited: Set<string>;
  readonly children: Child[];
  childStart: number;
}

const whitespace = /^[\t\n\r ]+/;
const options = { xmlns: true, position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' } as const;

export class ElementReader {
  readonly #handler: ReaderHandler;
  readonly #maxSize: number;
  /** How many elements are open around those that are looked for. */
  readonly #level: number;
  #parser = this.#parserOfDocument();
  /** What was given to the parser and may be needed yet, and where in the document that begins. */
  #text = '';
  #offset = 0;
  #depth = 0;
  /** Whether a tag has begun, but for which only whitespace could be there. */
  #isBegun = false;
  #isOver = false;
  #isRestarting = false;
  #open: OpenElement | undefined;
  /** The prefixes that are declared in the open element, and how often, one in the other. */
  readonly #declared = new Map<string, number>();

  constructor(handler: ReaderHandler, { isStream, maxSize }: ReaderOptions) {
    this.#handler = handler;
    this.#maxSize = maxSize;
    this.#level = isStream ? 1 : 0;
  }

  /** Whether nothing of a document has come. */
  get isAtStart(): boolean {
    return this.#offset === 0 && this.#text === '';
  }

  /** @throws StreamProblem, and it is of no use any more then; or what the handler throws */
  write(text: string): void {
    let rest = text;
    do {
      this.#feed(rest);
      if (!this.#isRestarting) return;
      rest = this.#text;
      this.#begin();
    } while (rest !== '');
  }

  /** No more will come. @throws StreamProblem */
  end(): void {
    this.#parser.close();
  }

  /** To be called from within `element`: what follows is another document. */
  restart(): void {
    this.#isRestarting = true;
  }

  #begin(): void {
    this.#parser = this.#parserOfDocument();
    this.#text = '';
    this.#offset = 0;
    this.#depth = 0;
    this.#isBegun = false;
    this.#isRestarting = false;
    this.#declared.clear();
  }

  #feed(given: string): void {
    if (this.#isOver) return;
    const text = this.#isBegun ? given : given.replace(whitespace, '');
    if (text === '') return;
    this.#isBegun = true;
    this.#text += text;
    this.#parser.write(text);
    if (this.#isRestarting) return;
    if (!this.#isBegun) {
      this.#cut(this.#offset + (whitespace.exec(this.#text)?.[0].length ?? 0));
      this.#isBegun = this.#text !== '';
    }
    // Characters, of which there are no more than bytes.
    if (this.#text.length > this.#maxSize) this.#tooLong();
  }

  /** Forgets what is before this position. */
  #cut(position: number): void {
    this.#text = this.#text.slice(position - this.#offset);
    this.#offset = position;
    this.#isBegun = false;
  }

  #tooLong(): never {
    throw new StreamProblem('policy-violation', `An element has more than ${this.#maxSize} bytes`);
  }

  get #isDeaf(): boolean {
    return this.#isRestarting || this.#isOver;
  }

  #parserOfDocument(): SaxesParser<typeof options> {
    const parser = new SaxesParser(options);
    const refuse = (what: string) => () => {
      if (!this.#isDeaf) throw new StreamProblem('restricted-xml', `XMPP has no ${what}`);
    };
    parser.on('comment', refuse('comments'));
    parser.on('processinginstruction', refuse('processing instructions'));
    parser.on('doctype', refuse('document types'));
    parser.on('xmldecl', ({ encoding = 'UTF-8' }) => {
      // RFC 6120, 11.6.
      if (encoding.toUpperCase() !== 'UTF-8') {
        throw new StreamProblem('unsupported-encoding', 'XMPP is UTF-8');
      }
    });
    parser.on('error', ({ message }) => {
      if (this.#isDeaf) return;
      const isEntity = message.includes('undefined entity');
      throw new StreamProblem(isEntity ? 'restricted-xml' : 'not-well-formed', `It is no XML: ${message}`);
    });
    parser.on('text', (text) => {
      if (text.replace(whitespace, '') !== '') this.#between();
    });
    parser.on('cdata', () => this.#between());
    parser.on('opentag', (tag) => this.#opened(tag, parser.position));
    parser.on('closetag', (tag) => this.#closed(tag, parser.position));
    return parser;
  }

  #between(): void {
    if (this.#isDeaf || this.#open !== undefined) return;
    throw new StreamProblem('bad-format', 'There is text between the elements');
  }

  #opened(tag: SaxesTagNS, position: number): void {
    if (this.#isDeaf) return;
    const depth = this.#depth - this.#level;
    this.#depth += 1;
    if (depth < 0) {
      const { local, uri, attributes, ns } = tag;
      this.#cut(position);
      this.#handler.header({ local, uri, attributes, namespaces: ns });
      return;
    }
    if (depth >= MAX_DEPTH) {
      throw new StreamProblem('policy-violation', `There are more than ${MAX_DEPTH} elements within one another`);
    }
    // No start tag has another < in it.
    const start = () => this.#offset + this.#text.lastIndexOf('<', position - 1 - this.#offset);
    if (depth === 0) this.#open = { tag, start: start(), inherited: new Set(), children: [], childStart: 0 };
    const open = this.#open;
    if (open === undefined) return;
    if (depth === 1 && isFeatures(open.tag)) open.childStart = start();
    for (const prefix of Object.keys(tag.ns)) this.#declared.set(prefix, (this.#declared.get(prefix) ?? 0) + 1);
    this.#use(tag.prefix, open);
    for (const { prefix } of Object.values(tag.attributes)) if (prefix !== '') this.#use(prefix, open);
  }

  #use(prefix: string, { inherited }: OpenElement): void {
    if (prefix !== 'xml' && prefix !== 'xmlns' && (this.#declared.get(prefix) ?? 0) === 0) inherited.add(prefix);
  }

  #closed(tag: SaxesTagNS, position: number): void {
    if (this.#isDeaf) return;
    this.#depth -= 1;
    const depth = this.#depth - this.#level;
    const open = this.#open;
    // The parser tells of a tag that ends another only behind this.
    if (depth <= 0 && !tag.isSelfClosing && !this.#endsWithTag(tag.name, position)) {
      throw new StreamProblem('not-well-formed', 'It is no XML: tags do not match');
    }
    if (depth < 0 || open === undefined) {
      this.#isOver = true;
      this.#handler.ended();
      return;
    }
    for (const prefix of Object.keys(tag.ns)) this.#declared.set(prefix, (this.#declared.get(prefix) ?? 0) - 1);
    const { local, uri } = tag;
    if (depth === 1 && isFeatures(open.tag)) {
      open.children.push({ local, uri, start: open.childStart - open.start, end: position - open.start });
    }
    if (depth > 0) return;
    this.#open = undefined;
    this.#declared.clear();
    const text = this.#text.slice(open.start - this.#offset, position - this.#offset);
    if (Buffer.byteLength(text) > this.#maxSize) this.#tooLong();
    this.#cut(position);
    const { inherited, children } = open;
    this.#handler.element({ name: tag.name, local, uri, attributes: tag.attributes, text, inherited, children });
  }

  #endsWithTag(name: string, position: number): boolean {
    const end = position - this.#offset;
    const tag = this.#text.slice(this.#text.lastIndexOf('<', end - 1), end);
    return tag.startsWith(`</${name}`) && /^[\t\n\r ]*>$/.test(tag.slice(name.length + 2));
  }
}

function isFeatures({ uri, local }: SaxesTagNS): boolean {
  return uri === STREAMS && local === 'features';
}

/**
 * The one element of a message.
 * @throws StreamProblem
 */
export function readMessage(text: string, maxSize: number): XmlElement {
  // RFC 7395, 3.3.3: The first character of each frame MUST be '<'.
  if (!text.startsWith('<')) throw new StreamProblem('not-well-formed', 'A message must begin with <');
  if (Buffer.byteLength(text) > maxSize) {
    throw new StreamProblem('policy-violation', `A message has more than ${maxSize} bytes`);
  }
  let found: XmlElement | undefined;
  const keep = (element: XmlElement) => {
    found = element;
  };
  const reader = new ElementReader({ header: () => {}, element: keep, ended: () => {} }, { isStream: false, maxSize });
  reader.write(text);
  reader.end();
  if (found === undefined) throw new StreamProblem('not-well-formed', 'There is no element in a message');
  return found;
}
