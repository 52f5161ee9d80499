// What both entries of the package export, beside the class.

export type { LostConnection, UrlSource } from './attempt.ts';
export { ReconnectingEvent, type ReconnectingEventMap } from './events.ts';
export {
  type Clock,
  isFinalClose,
  type ReconnectingWebSocketOptions,
  type WebSocketClass,
  type WebSocketLike,
} from './options.ts';
export type { Sendable, WhenQueueFull } from './queue.ts';
export type { Ending } from './reconnection.ts';
export {
  type ReconnectingAction,
  type ReconnectingState,
  type ReconnectingStep,
  type ReconnectingTransition,
  reconnectingDiagram,
  reconnectingTransitions,
} from './states.ts';
export type { WhileHidden } from './surroundings.ts';
