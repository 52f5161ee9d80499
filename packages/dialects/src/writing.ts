import type { Json } from '@tidewire/hub';
import { inLine } from './reading/in-line.ts';

// JSON put together as text, because payloads are text already. A member that is not there is the empty string.

export function text(value: string): string {
  return JSON.stringify(value);
}

/** The members that there are, as an object. */
export function object(...members: readonly string[]): string {
  return `{${members.filter((member) => member !== '').join(',')}}`;
}

export function json(name: string, value: Json | undefined): string {
  return value === undefined ? '' : `"${name}":${inLine(value)}`;
}

/** Not there if it is empty. */
export function string(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : `"${name}":${text(value)}`;
}

/** Not there if it is 0. */
export function number(name: string, value: number | undefined): string {
  return value === undefined || value === 0 ? '' : `"${name}":${value}`;
}

/** Not there if it is not so. */
export function flag(name: string, isSet: boolean): string {
  return isSet ? `"${name}":true` : '';
}
