export {
  type TunnelClientOptions,
  type TunnelClientOwner,
  TunnelClientSession,
  type TunnelRequest,
} from './client-session.ts';
export { MESSAGE_NUMBER_SIZE, MESSAGES_SUBPROTOCOL, MessageKind } from './messages.ts';
export {
  areSameKeys,
  createIdentity,
  isIdentifier,
  MAX_OPENING_SIZE,
  type OpenedTunnel,
  openingAnswer,
  openingRequest,
  readOpeningAnswer,
  readOpeningRequest,
  TUNNEL_PARAMETER,
  type TunnelIdentity,
} from './opening.ts';
export type { TunnelClientPlatform, TunnelOwner } from './owner.ts';
export { defaultTunnelParameters, resolveTunnelParameters, type TunnelParameters } from './parameters.ts';
export { BodyWriter, type Mode, RecordReader, type TunnelRecord } from './records.ts';
export { readRefusal, refusalBody, tunnelRefusals } from './refusal-body.ts';
export type { TunnelRefusalCode } from './refusals.ts';
export { type TunnelAnswer, TunnelServerSession } from './server-session.ts';
export {
  type TunnelOutcome,
  type TunnelState,
  tunnelTransitions,
  type Way,
  ways,
} from './states.ts';
export { type Transport, transportOfWay } from './way-chooser.ts';
