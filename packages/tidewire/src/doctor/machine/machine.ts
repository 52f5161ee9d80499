import { release } from 'node:os';
import type { Finding, Section } from '../finding.ts';
import { arriving } from './arriving.ts';
import { openFiles } from './files.ts';
import { living } from './living.ts';
import { plain, Readings } from './readings.ts';

/**
 * What limits a server of WebSockets on this machine.
 * @param connections that it is to have
 * @param root below which /proc and /sys are
 */
export function examineMachine(connections: number, root?: string): Section {
  const title = `This machine, for ${plain(connections)} connections`;
  if (process.platform !== 'linux' && root === undefined) {
    const what = `Limits of ${process.platform} ${release()} are not known here: only those of Linux are.`;
    return { title, findings: [{ check: 'system', grade: 'unknown', what }] };
  }
  const readings = new Readings(root);
  const findings: readonly Finding[] = [
    ...openFiles(readings, connections),
    ...arriving(readings, connections),
    ...living(readings, connections),
  ];
  return { title, findings };
}
