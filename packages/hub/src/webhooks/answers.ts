import { CommandError, DisconnectError, disconnectCodes, errorCodes } from '../codes.ts';
import { FieldError, Fields } from '../permissions/fields.ts';
import { readCapabilities, readSubscriptions } from '../permissions/grants.ts';
import type { Admission, Refreshment, SubscriptionGrant } from '../permissions.ts';
import type { Json } from '../publication.ts';
import { WebhookError } from './poster.ts';

// What an application answers, as Centrifugo's proxies have it: `{ "result": {…} }` is yes, `{ "error": { code, message } }` and
// `{ "disconnect": { code, reason } }` are no. https://centrifugal.dev/docs/server/proxy

/** RFC 6455, 5.5: a Close frame has 125 bytes, two of which are the code. */
const MAX_REASON = 123;

const hasCode = (codes: typeof errorCodes | typeof disconnectCodes, code: number): boolean =>
  Object.values(codes).some((known) => known.code === code);

function commandError(fields: Fields): CommandError {
  const code = fields.integer('code') ?? 0;
  if (!hasCode(errorCodes, code) && !(code >= 400 && code <= 1999)) {
    throw fields.wrong('code', 'a code that is documented, or from 400 to 1999');
  }
  return new CommandError(code, fields.string('message') ?? 'error', fields.boolean('temporary') ?? false);
}

function disconnectError(fields: Fields): DisconnectError {
  const code = fields.integer('code') ?? 0;
  if (!hasCode(disconnectCodes, code) && !(code >= 4000 && code <= 4999)) {
    throw fields.wrong('code', 'a code that is documented, or from 4000 to 4999');
  }
  const reason = fields.string('reason') ?? '';
  if (Buffer.byteLength(reason) > MAX_REASON) throw fields.wrong('reason', `of ${MAX_REASON} bytes at most`);
  return new DisconnectError({ code, reason });
}

/**
 * @throws CommandError and DisconnectError if the answer is one
 * @throws WebhookError if it is none of the three, naming the field that is wrong
 */
export function readAnswer<Result>(text: string, read: (result: Fields) => Result): Result {
  try {
    const fields = new Fields(JSON.parse(text));
    const error = fields.object('error');
    if (error !== undefined) throw commandError(error);
    const disconnect = fields.object('disconnect');
    if (disconnect !== undefined) throw disconnectError(disconnect);
    const result = fields.object('result');
    if (result === undefined) throw new FieldError('result, error or disconnect must be there');
    return read(result);
  } catch (error) {
    if (error instanceof SyntaxError) throw new WebhookError('the answer is no JSON', { cause: error });
    if (error instanceof FieldError) throw new WebhookError(`in the answer ${error.message}`, { cause: error });
    throw error;
  }
}

/** 0 is for ever, as is no time at all. */
const expiryOf = (result: Fields): number | undefined => result.time('expire_at') || undefined;

export const readAdmission = (result: Fields): Admission => ({
  user: result.string('user') ?? '',
  connectionInfo: result.json('info'),
  data: result.json('data'),
  expiresAt: expiryOf(result),
  subscriptions: readSubscriptions(result),
  capabilities: readCapabilities(result),
  meta: result.any('meta'),
});

/** @throws DisconnectError 3005 if the application says that the connection is to end */
export function readRefreshment(result: Fields): Refreshment {
  if (result.boolean('expired') === true) throw new DisconnectError('EXPIRED');
  return {
    connectionInfo: result.json('info'),
    expiresAt: expiryOf(result),
    capabilities: readCapabilities(result),
  };
}

/** @throws CommandError 110 if the application says that the subscription is to end */
export function readGrant(result: Fields): SubscriptionGrant {
  if (result.boolean('expired') === true) throw new CommandError('EXPIRED');
  return { channelInfo: result.json('info'), data: result.json('data'), expiresAt: expiryOf(result) };
}

export const readPublication =
  (data: Json) =>
  (result: Fields): { readonly data: Json } => ({ data: result.json('data') ?? data });
