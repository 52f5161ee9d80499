import { EngineError } from '@tidewire/hub';

// What scripts answer, as types. A server that answers otherwise is not one that this engine knows.

export function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected(reply);
  return reply;
}

export function textOf(reply: unknown): string {
  if (typeof reply !== 'string') throw unexpected(reply);
  return reply;
}

export function numberOf(reply: unknown): number {
  const value = typeof reply === 'string' ? Number(reply) : reply;
  if (typeof value !== 'number' || Number.isNaN(value)) throw unexpected(reply);
  return value;
}

export function unexpected(reply: unknown): EngineError {
  const text = JSON.stringify(reply) ?? 'nothing';
  return new EngineError('UNAVAILABLE', `Redis has answered what was not expected: ${text.slice(0, 100)}`);
}
