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

export type OperationName = (typeof operationNames)[number];
