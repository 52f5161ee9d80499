import type { Disconnect, Unsubscribe } from './codes.ts';
import type { SubscriptionGrant } from './permissions.ts';
import type { Json } from './publication.ts';

// A word of the application to the clients of a user, as one node writes it and others read it. Others may write to the same
// server, so what is read is looked at.

export type Order =
  | { readonly type: 'send'; readonly data: Json }
  | {
      readonly type: 'disconnect';
      readonly client?: string;
      readonly except?: readonly string[];
      readonly disconnect: Disconnect;
    }
  | {
      readonly type: 'unsubscribe';
      readonly channel: string;
      readonly client?: string;
      readonly unsubscribe: Unsubscribe;
    }
  | {
      readonly type: 'subscribe';
      readonly channel: string;
      readonly client?: string;
      readonly grant: SubscriptionGrant;
    }
  | { readonly type: 'refresh'; readonly client?: string; readonly expiresAt?: number; readonly isExpired?: boolean };

/** `undefined` for what no hub has written. */
export function orderIn(text: Json): Order | undefined {
  try {
    const order: unknown = JSON.parse(text);
    return isOrder(order) ? order : undefined;
  } catch {
    return undefined;
  }
}

function isOrder(value: unknown): value is Order {
  if (!isRecord(value) || !isOptional(value.client, 'string')) return false;
  switch (value.type) {
    case 'send':
      return typeof value.data === 'string';
    case 'disconnect':
      return isReason(value.disconnect) && (value.except === undefined || Array.isArray(value.except));
    case 'unsubscribe':
      return typeof value.channel === 'string' && isReason(value.unsubscribe);
    case 'subscribe':
      return typeof value.channel === 'string' && isGrant(value.grant);
    case 'refresh':
      return isOptional(value.expiresAt, 'number') && isOptional(value.isExpired, 'boolean');
    default:
      return false;
  }
}

function isReason(value: unknown): value is Disconnect {
  return isRecord(value) && typeof value.code === 'number' && typeof value.reason === 'string';
}

function isGrant(value: unknown): value is SubscriptionGrant {
  if (!isRecord(value)) return false;
  return (
    isOptional(value.channelInfo, 'string') && isOptional(value.data, 'string') && isOptional(value.expiresAt, 'number')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isOptional(value: unknown, type: 'string' | 'number' | 'boolean'): boolean {
  return value === undefined || typeof value === type;
}
