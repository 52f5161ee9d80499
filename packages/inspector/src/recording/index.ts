export type { Content, InspectorMessage, Match, Order, PageMessage, Rule } from './control.ts';
export { toHar } from './har-export.ts';
export { fromHar, type HarContent } from './har-import.ts';
export {
  connectionLine,
  endLine,
  headLine,
  type JsonLines,
  JsonLinesReader,
  jsonLinesFormat,
  jsonLinesOf,
  jsonLinesVersion,
  messageLine,
  parseJsonLines,
} from './json-lines.ts';
export { maskConnection, maskHeader, maskMessage, maskRecording, maskUrl } from './masking.ts';
export { type CompiledMatch, compileMatch, matches } from './matching.ts';
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
export { Pattern } from './pattern.ts';
export { PatternError } from './pattern-syntax.ts';
export { plainMessage } from './plain-message.ts';
export { type ReadRecording, readRecording } from './read-recording.ts';
export { RecordingError } from './recording-error.ts';
export {
  type ConnectionJson,
  fromBase64,
  type MessageJson,
  messageFromJson,
  messageToJson,
  toBase64,
} from './wire.ts';
