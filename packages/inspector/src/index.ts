export type { ConnectionRecord, MessageRecord, Recording } from './recording/index.ts';
