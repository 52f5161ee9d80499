import type { Attributes, StreamHeader, XmlElement } from './element-reader.ts';
import { CLIENT, FRAMING, STREAM_ERRORS, STREAMS } from './namespaces.ts';
import type { StreamCondition } from './stream-problem.ts';

// What the gateway itself writes: the ends of streams, in the words of either side, and what an element needs to stand alone.

/** RFC 6120, 4.7. */
export interface StreamAttributes {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly id?: string | undefined;
  readonly version?: string | undefined;
  readonly lang?: string | undefined;
}

export const CLOSE = `<close xmlns="${FRAMING}"/>`;
export const STREAM_END = '</stream:stream>';
export const STARTTLS = '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>';

export function streamAttributesOf(attributes: Attributes): StreamAttributes {
  const value = (name: string) => (Object.hasOwn(attributes, name) ? attributes[name]?.value : undefined);
  return {
    from: value('from'),
    to: value('to'),
    id: value('id'),
    version: value('version'),
    lang: value('xml:lang'),
  };
}

/** The start of a stream, for the server: `id` is the server's to give. */
export function streamHeader({ from, to, version, lang }: StreamAttributes): string {
  const attributes = written({ from, to, version, lang });
  return `<?xml version="1.0"?><stream:stream xmlns="${CLIENT}" xmlns:stream="${STREAMS}"${attributes}>`;
}

/** The same for the client. */
export function openElement(attributes: StreamAttributes): string {
  return `<open xmlns="${FRAMING}"${written(attributes)}/>`;
}

export function streamError(condition: StreamCondition, text: string): string {
  const what = `<${condition} xmlns="${STREAM_ERRORS}"/><text xmlns="${STREAM_ERRORS}" xml:lang="en">${escaped(text)}</text>`;
  return `<stream:error xmlns:stream="${STREAMS}">${what}</stream:error>`;
}

/**
 * An element of a stream as RFC 7395, 3.3.3, wants it in a message: with the declarations of namespaces and of the language that
 * it has from the stream.
 */
export function standalone(element: XmlElement, { attributes, namespaces }: StreamHeader): string {
  const { name, uri, text } = element;
  let declarations = '';
  for (const prefix of element.inherited) {
    const inherited = Object.hasOwn(namespaces, prefix) ? namespaces[prefix] : undefined;
    if (inherited === undefined || inherited === '') continue;
    declarations += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escaped(inherited)}"`;
  }
  const { lang } = streamAttributesOf(attributes);
  const hasLanguage = Object.hasOwn(element.attributes, 'xml:lang');
  if (lang !== undefined && !hasLanguage && uri === CLIENT) declarations += ` xml:lang="${escaped(lang)}"`;
  const behindName = 1 + name.length;
  return text.slice(0, behindName) + declarations + text.slice(behindName);
}

/** The features of a stream without those of some namespaces. */
export function withoutFeatures(features: XmlElement, namespaces: readonly string[]): XmlElement {
  let text = '';
  let position = 0;
  for (const { uri, start, end } of features.children) {
    if (!namespaces.includes(uri)) continue;
    text += features.text.slice(position, start);
    position = end;
  }
  return { ...features, text: text + features.text.slice(position) };
}

function written({ from, to, id, version, lang }: StreamAttributes): string {
  return Object.entries({ from, to, id, version, 'xml:lang': lang })
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escaped(value)}"`))
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Whitespace, too, which a parser would make spaces of in an attribute. */
function escaped(text: string): string {
  return text.replace(/[&<>"'\t\n\r]/g, (character) => entities[character] ?? `&#${character.charCodeAt(0)};`);
}
