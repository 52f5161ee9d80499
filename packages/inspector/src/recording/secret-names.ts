// What the names of headers, parameters and members say of their values.

/** Put in place of a secret. It is the same for all, and has nothing that JSON, a header or a URL would have to escape. */
export const MASK = '•••• (masked)';

/** Where a space cannot be. */
export const SHORT_MASK = '••••';

const whole = new Set([
  ...[
    'auth',
    'authorization',
    'credential',
    'credentials',
    'jwt',
    'pass',
    'passcode',
    'passphrase',
    'passwd',
    'password',
  ],
  ...[
    'pwd',
    'secret',
    'session',
    'sessionid',
    'sessid',
    'sig',
    'signature',
    'ticket',
    'token',
    'apikey',
    'cookie',
    'cookies',
  ],
]);

const endings =
  /(?:token|jwt|password|passwd|passcode|passphrase|secret|apikey|accesskey|privatekey|secretkey|authkey|signature|credentials?|authorization|cookie|sessionid|sessionkey|secretaccesskey)$/;

/** Of a member of JSON: `token`, `access_token`, `clientSecret`, `X-Api-Key`. */
export function isSecretMember(name: string): boolean {
  if (name.length > 64) return false;
  const plain = name.toLowerCase().replace(/[-_.\s[\]]/g, '');
  return whole.has(plain) || endings.test(plain);
}

/** Whether all that is in an object or list of this secret name is secret: a session is more than its secrets. */
export function isSecretWithin(name: string): boolean {
  return !/^(?:auth|authorization|cookies?|session|ticket|pass)$/i.test(name);
}

/** Of a query. More than of JSON: there a `key` is hardly ever that of a keyboard. */
export function isSecretParameter(name: string): boolean {
  const plain = decoded(name).toLowerCase();
  return /(?:^|[-_.])(?:key|sid|code)$/.test(plain) || isSecretMember(plain);
}

/** Of a header whose value is a secret as a whole. */
export function isSecretHeader(name: string): boolean {
  if (/^(?:sec-websocket-.*|www-authenticate|proxy-authenticate)$/i.test(name)) return false;
  return /authorization|cookie|token|secret|passw|passcode|api-?key|access-?key|auth-?key|signature|session|credential|csrf|xsrf|jwt|^x-auth/i.test(
    name,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
