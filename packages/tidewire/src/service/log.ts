import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './log-levels.ts';

const STDERR = 2;

/** Logs to stderr: lines for people if that is a terminal, otherwise a JSON object per line. */
export function createLog(level: LogLevel): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: STDERR, sync: true }));
  const stream = pretty({
    destination: STDERR,
    sync: true,
    colorize: process.stderr.hasColors(),
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return pino(options, stream);
}
