/** What the server API can be asked for, beside a batch of these. Apart from the rest, for who only reads the configuration. */
export const operationNames = [
  'publish',
  'broadcast',
  'history',
  'history_remove',
  'presence',
  'presence_stats',
  'channels',
  'send',
  'subscribe',
  'unsubscribe',
  'disconnect',
  'refresh',
  'info',
  'connections',
  'connection',
  'stats',
] as const;

/** What a key may be for: these, and what is no request of the API. */
export const keyOperations = [...operationNames, 'inspect'] as const;

export type OperationName = (typeof operationNames)[number];
