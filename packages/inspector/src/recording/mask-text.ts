import { isSecretMember, isSecretParameter, isSecretWithin, MASK, SHORT_MASK } from './secret-names.ts';

// Finds what lets somebody in within text of any kind: JSON, also after a prefix, within a string of other JSON, or cut off; headers
// in lines; queries; URLs; XML of SASL; and JSON Web Tokens wherever they are. The text is gone through once, from left to right, and
// what is put in has no quote and no backslash, so that JSON stays JSON.

/** Words without one of which nothing is to be masked. An escape in a name might hide one. */
const suspicious =
  /token|jwt|pass|pwd|secret|key|auth|sig|sess|credential|cookie|ticket|eyJ|:\/\/|\\u|code|sid|<response|<challenge/i;

/** JSON in a string in JSON, and so on: deeper is none that anybody writes. */
const DEEPEST = 6;

/** The text with a mask for each secret. The same for the same text, and for what it returns. */
export function maskText(text: string, depth = 0): string {
  if (!suspicious.test(text)) return text;
  return maskPlain(maskJson(text, depth));
}

/** What may be a JSON Web Token, with whatever is glued to it. */
const webTokenRun = /[\w.-]{15,}/g;

/** RFC 7515, 3.1, and with five parts RFC 7516: the first part begins with `{"` in base64. */
function maskWebToken(run: string): string {
  const start = run.indexOf('eyJ');
  return start >= 0 && run.slice(start).split('.').length >= 3 ? run.slice(0, start) + MASK : run;
}

/** A name and a value as in a query or a form, with what is before them. */
const parameter = /(^|[?&;\s"'])([\w.%[\]-]{1,64})=[^&;\s"'\\<>]+/g;

/** Of a URL (RFC 3986, 3.2.1). A password may have an `@` by mistake: all up to the last one is masked. */
const userInfo = /(?<=[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'\\<>]+(?=@)/gi;

/** A line of STOMP or HTTP. */
const headerLine = /^([\w-]{1,64})([ \t]*:[ \t]*)([^\r\n\0]+)/gm;

/** RFC 6120, 6.4: what the client says of itself. */
const sasl = /(<(?:auth|response|challenge)\b[^<>]*>)[^<>]+(?=<)/g;

/** What is found without knowing how the text is made. */
export function maskPlain(text: string): string {
  return text
    .replace(webTokenRun, maskWebToken)
    .replace(userInfo, SHORT_MASK)
    .replace(sasl, `$1${MASK}`)
    .replace(headerLine, (whole, name: string, colon: string, value: string) =>
      isSecretMember(name) ? `${name}${colon}${maskCredentials(value)}` : whole,
    )
    .replace(parameter, (whole, before: string, name: string) => {
      // A word in a sentence is not as likely to be a secret as one in a query.
      const isSecret = before === '?' || before === '&' ? isSecretParameter(name) : isSecretMember(name);
      return isSecret ? `${before}${name}=${SHORT_MASK}` : whole;
    });
}

/** Authentication schemes (IANA), and what else stands before credentials. */
const scheme =
  /^(basic|bearer|digest|dpop|gnap|hawk|hoba|mutual|negotiate|ntlm|oauth|privatetoken|scram-sha-1|scram-sha-256|vapid|token|apikey|aws4-hmac-sha256)\s+\S/i;

/** A secret of which only the kind of credentials is left: `Bearer •••• (masked)`. */
export function maskCredentials(value: string): string {
  const [, kind] = scheme.exec(value) ?? [];
  return kind === undefined ? MASK : `${kind} ${MASK}`;
}

/** Masks the values of members whose names are secret, in as much of the text as is JSON. */
function maskJson(text: string, depth: number): string {
  const out: string[] = [];
  /** Whether all values are secret, of the object or list that we are in and of those around it. */
  const around: boolean[] = [];
  let name = '';
  let isSecret = false;
  let copied = 0;
  const token = /["{}[\],]|[^\s"{}[\],:]+/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const first = match[0][0];
    if (first === '"') token.lastIndex = stringEnd(text, token.lastIndex);
    const found = text.slice(match.index, token.lastIndex);
    if (first === '{' || first === '[') {
      around.push((isSecret && isSecretWithin(name)) || around.at(-1) === true);
      isSecret = false;
    } else if (first === '}' || first === ']') {
      around.pop();
      isSecret = false;
    } else if (first === ',') {
      isSecret = false;
    } else if (first === '"' && isName(text, token.lastIndex)) {
      name = unquote(found);
      isSecret = isSecretMember(name);
    } else if (/^(?:true|false|null)$/.test(found)) {
      // Says nothing.
    } else if (isSecret || around.at(-1) === true) {
      out.push(text.slice(copied, match.index), first === '"' ? maskString(found) : `"${MASK}"`);
      copied = token.lastIndex;
    } else if (first === '"' && depth < DEEPEST && found.includes('\\')) {
      out.push(text.slice(copied, match.index), maskWithin(found, depth));
      copied = token.lastIndex;
    }
  }
  return copied === 0 ? text : out.join('') + text.slice(copied);
}

/** Behind the quote that ends a string, or the end of the text. Not by a pattern: that would need memory for each character. */
function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

/** Whether a colon comes next, after white space. */
function isName(text: string, at: number): boolean {
  let next = at;
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next += 1;
  return text[next] === ':';
}

/** The text of a string as it stands in JSON; what is no JSON is given back without its quotes. */
function unquote(quoted: string): string {
  if (quoted.includes('\\')) {
    try {
      const value: unknown = JSON.parse(quoted);
      if (typeof value === 'string') return value;
    } catch {
      // It is cut off, or no JSON at all.
    }
  }
  return quoted.slice(1, quoted.endsWith('"') ? -1 : undefined);
}

/** A string that was cut off stays without its end. */
function maskString(quoted: string): string {
  if (quoted === '""' || quoted === '"') return quoted;
  const end = quoted.length > 1 && quoted.endsWith('"') ? '"' : '';
  return `"${maskCredentials(unquote(quoted))}${end}`;
}

/** A string that may have JSON in it, or a secret that escapes hide. */
function maskWithin(quoted: string, depth: number): string {
  const inner = unquote(quoted);
  const masked = maskText(inner, depth + 1);
  if (masked === inner) return quoted;
  const again = JSON.stringify(masked);
  return quoted.length > 1 && quoted.endsWith('"') ? again : again.slice(0, -1);
}
