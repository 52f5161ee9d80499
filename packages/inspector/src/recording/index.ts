export type { Content, InspectorMessage, Match, Order, PageMessage, Rule } from './control.ts';
export type {
  ConnectionEnd,
  ConnectionRecord,
  Direction,
  Fate,
  HeaderPairs,
  MessageData,
  MessageRecord,
  Recording,
} from './model.ts';
export {
  type ConnectionJson,
  fromBase64,
  type MessageJson,
  messageFromJson,
  messageToJson,
  toBase64,
} from './wire.ts';
