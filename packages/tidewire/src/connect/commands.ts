import { parseHex } from './format.ts';

// What a line at the prompt asks for.

export type Command =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'ping'; readonly payload: string | undefined }
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string }
  | { readonly type: 'help' }
  /** A command that makes no sense, and why. */
  | { readonly type: 'mistake'; readonly problem: string };

export const help = `A line is sent as a text message. Lines that begin with / are commands:
  /ping [text]            send a ping, and see how long the pong takes
  /binary <hex>           send bytes, such as /binary 00 ff 7f
  /file <path>            send a file as a binary message
  /close [code [reason]]  close the connection: 1000, or 3000 to 4999
  /help                   show this
  //text                  send "/text"
Ctrl-C and Ctrl-D close the connection, too; a second Ctrl-C does not wait for the server.`;

export function parseCommand(line: string): Command {
  if (!line.startsWith('/')) return { type: 'text', text: line };
  if (line.startsWith('//')) return { type: 'text', text: line.slice(1) };
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  switch (name) {
    case 'ping':
      return { type: 'ping', payload: rest === '' ? undefined : rest };
    case 'binary':
      return binary(rest);
    case 'file':
      return rest === '' ? mistake('/file needs the path of a file') : { type: 'file', path: rest.trim() };
    case 'close':
      return close(rest);
    case 'help':
      return { type: 'help' };
    default:
      return mistake(`/${name} is not a command: see /help, or send it as text with //${name}`);
  }
}

function binary(hex: string): Command {
  const bytes = parseHex(hex);
  return bytes === undefined ? mistake('/binary needs pairs of hexadecimal digits') : { type: 'binary', bytes };
}

function close(rest: string): Command {
  if (rest === '') return { type: 'close', code: undefined, reason: '' };
  const [, digits = '', reason = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  const code = Number(digits);
  if (/^\d{4}$/.test(digits) && (code === 1000 || (code >= 3000 && code <= 4999)))
    return { type: 'close', code, reason };
  return mistake('/close takes the code 1000, or one from 3000 to 4999, and a reason behind it');
}

function mistake(problem: string): Command {
  return { type: 'mistake', problem };
}
