export { CloseCode, isCloseCodeAllowedOnWire } from './close-codes.ts';
export { Connection, type ConnectionClose, type ConnectionHandler, type SendOptions } from './connection.ts';
export { ConnectionError, type ViolationCode, violations } from './errors.ts';
export {
  acceptDeflate,
  assertDeflatePreference,
  checkDeflate,
  type DeflateAcceptance,
  type DeflateAgreement,
  type DeflatePreference,
  type DeflateResult,
  offerDeflate,
} from './extensions/negotiation.ts';
export type { DeflateOffer } from './extensions/negotiation-parameters.ts';
export {
  FIN,
  FrameHeader,
  frameHeaderSize,
  isControl,
  Opcode,
  RSV1,
  readFrameHeader,
  writeFrameHeader,
} from './frames.ts';
export {
  checkResponse,
  createRequest,
  type RequestOptions,
  type ResponseResult,
  type SentOffer,
  type SentRequest,
} from './handshake/client.ts';
export {
  acceptConnect,
  type ConnectOptions,
  checkConnectResponse,
  createConnect,
  type IncomingConnect,
  readConnect,
  type SentConnect,
} from './handshake/extended-connect.ts';
export {
  type ExtensionOffer,
  type ExtensionParameter,
  parseExtensions,
  serializeExtensions,
} from './handshake/extension-header.ts';
export { type HandshakeFailure, type HandshakeFailureCode, handshakeFailures } from './handshake/failures.ts';
export { areUniqueTokens, isHost, isToken } from './handshake/grammar.ts';
export { assertHeader, type Header, HeaderList } from './handshake/headers.ts';
export { acceptFor, createKey, isKey } from './handshake/key.ts';
export { asksForWebSocket, type OpeningHeaders, readOpeningHeaders } from './handshake/opening-headers.ts';
export { type Refusal, type RefusalCode, refusals, refuse, withoutConnectionHeaders } from './handshake/refusals.ts';
export { type ResponseHead, serializeResponse } from './handshake/response.ts';
export {
  acceptRequest,
  type IncomingRequest,
  isTarget,
  type OpeningChoice,
  type OpeningRequest,
  type OpeningResult,
  type ProtocolVersion,
  readRequest,
} from './handshake/server.ts';
export { defaultLimits, type Limits, resolveLimits } from './limits.ts';
export { advanceMaskingKey, maskInto } from './masking.ts';
export { MessageWriter, type SendResult } from './message-writer.ts';
export type { Pipe } from './pipe.ts';
export { portablePlatform } from './platform/portable.ts';
export type { DeflateCodec, Deflater, Inflated, Inflater, LaterWork, Platform } from './platform.ts';
export { PreparedBatch, PreparedMessage } from './prepared-message.ts';
export { type ConnectionOptions, ConnectionSettings, type Role } from './settings.ts';
export { type ReadyState, type State, type StateEvent, stateDiagram, transitions } from './states.ts';
