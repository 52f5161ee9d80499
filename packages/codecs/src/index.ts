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
