export { readCbor, writeCbor } from './bodies/cbor.ts';
export {
  cborDecoder,
  imageDecoder,
  jsonDecoder,
  messagePackDecoder,
  protobufDecoder,
  textDecoder,
} from './bodies/decoders.ts';
export { imageType } from './bodies/images.ts';
export { readMessagePack, writeMessagePack } from './bodies/message-pack.ts';
export { type ProtobufField, readProtobuf, shownProtobuf } from './bodies/protobuf.ts';
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
export { graphqlTransportWsDecoder, graphqlWsDecoder } from './graphql/decoder.ts';
export {
  type GraphqlPacket,
  type GraphqlSubprotocol,
  graphqlCloseMeaning,
  graphqlOperation,
  readGraphql,
  writeGraphql,
} from './graphql/graphql.ts';
export { jsonRpcDecoder } from './json-rpc/decoder.ts';
export {
  type JsonRpcError,
  type JsonRpcId,
  type JsonRpcPacket,
  type JsonRpcReading,
  jsonRpcErrorMeaning,
  readJsonRpc,
  writeJsonRpc,
} from './json-rpc/json-rpc.ts';
export { mqttDecoder } from './mqtt/decoder.ts';
export { mqttCodeName } from './mqtt/names.ts';
export type {
  MqttConnect,
  MqttPacket,
  MqttProperties,
  MqttPropertyValue,
  MqttPublish,
  MqttSubscription,
  MqttWill,
  QoS,
} from './mqtt/packets.ts';
export { MqttReader } from './mqtt/reader.ts';
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
