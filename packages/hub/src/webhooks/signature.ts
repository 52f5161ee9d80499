import { createHmac, timingSafeEqual } from 'node:crypto';

// How the receiver of a webhook knows that a hub has sent it, a short while ago: an HMAC-SHA256 over the time and the body,
// `t=<seconds since 1970>,v1=<hexadecimal>`, with one `v1` for each secret while secrets are exchanged.

export const signatureHeader = 'Tidewire-Signature';

const MIN_SECRET = 32;
const MAX_LENGTH = 4096;

/** @throws TypeError if there is none, or one that could be guessed */
export function checkSecrets(secrets: readonly string[]): readonly string[] {
  if (secrets.length === 0) throw new TypeError('secrets is empty');
  for (const [index, secret] of secrets.entries()) {
    if (Buffer.byteLength(secret) < MIN_SECRET)
      throw new TypeError(`secrets[${index}] has less than ${MIN_SECRET} bytes`);
  }
  return [...secrets];
}

function digest(secret: string, time: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest();
}

/** @param time milliseconds since 1970 */
export function signWebhook(body: string, secrets: readonly string[], time: number): string {
  const t = Math.floor(time / 1000).toString();
  return [`t=${t}`, ...secrets.map((secret) => `v1=${digest(secret, t, body).toString('hex')}`)].join(',');
}

export interface WebhookVerification {
  /** As the hub has them; one that fits is enough. */
  readonly secrets: readonly string[];
  /** Milliseconds that the signature may be old, or ahead of this clock. Default 300 000. */
  readonly tolerance?: number | undefined;
}

/**
 * Whether a webhook comes from a hub that knows one of the secrets. Use it before anything else is done with the request, on the
 * body as it came. Within the tolerance the same request can be sent again by who has seen it: ids tell whether it was.
 * @param signature the header `Tidewire-Signature`
 * @throws TypeError if there are no secrets, or one that could be guessed
 */
export function verifyWebhook(
  body: string | Uint8Array,
  signature: string | readonly string[] | undefined,
  { secrets, tolerance = 300_000 }: WebhookVerification,
): boolean {
  const known = checkSecrets(secrets);
  if (typeof signature !== 'string' || signature.length > MAX_LENGTH) return false;
  const [first = '', ...parts] = signature.split(',');
  const time = /^t=(\d{1,12})$/.exec(first)?.[1];
  if (time === undefined || Math.abs(Date.now() - Number(time) * 1000) > tolerance) return false;
  const given = parts.flatMap((part) => {
    const hex = /^v1=([0-9a-f]{64})$/.exec(part)?.[1];
    return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
  });
  return known.some((secret) => {
    const wanted = digest(secret, time, body);
    return given.some((one) => timingSafeEqual(one, wanted));
  });
}
