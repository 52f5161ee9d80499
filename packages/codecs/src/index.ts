export {
  type CentrifugoCommand,
  type CentrifugoMethod,
  type CentrifugoPush,
  type CentrifugoReply,
  readCentrifugoCommands,
  readCentrifugoReplies,
  writeCentrifugoCommands,
  writeCentrifugoReplies,
} from './centrifugo/centrifugo.ts';
export {
  centrifugoDisconnectMeaning,
  centrifugoErrorMeaning,
  centrifugoUnsubscribeMeaning,
} from './centrifugo/codes.ts';
export { centrifugoDecoder } from './centrifugo/decoder.ts';
export { chooseDecoder, decoderKinds } from './choosing.ts';
export type {
  Body,
  Conversation,
  Decoded,
  Decoder,
  DecoderKind,
  Direction,
  JsonValue,
  MessageData,
} from './decoder.ts';
export { pusherDecoder } from './pusher/decoder.ts';
export {
  type PusherConnection,
  type PusherPacket,
  pusherConnection,
  pusherErrorMeaning,
  readPusher,
  writePusher,
} from './pusher/pusher.ts';
export type { Reading, Readings } from './reading.ts';
export { socketIoDecoder } from './socket-io/decoder.ts';
export { type EngineIoHandshake, type EngineIoPacket, readEngineIo, writeEngineIo } from './socket-io/engine-io.ts';
export { type SocketIoMessage, SocketIoReader, writeSocketIoMessages } from './socket-io/reader.ts';
export {
  joinSocketIo,
  readSocketIo,
  type SocketIoHead,
  type SocketIoPacket,
  type SocketIoValue,
  writeSocketIo,
} from './socket-io/socket-io.ts';
export { stompDecoder } from './stomp/decoder.ts';
export { StompReader } from './stomp/reader.ts';
export {
  type StompFrame,
  type StompFrameToWrite,
  type StompHeartBeat,
  type StompVersion,
  stompHeader,
  writeStomp,
  writeStompText,
} from './stomp/stomp.ts';
