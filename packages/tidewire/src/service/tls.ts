import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readBounded } from '../bounded-file.ts';
import { codeOf, describeSystemError, UsageError } from '../problem.ts';

/** Larger than all authorities of a system together, in bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What is wrong with a certificate, with its chain behind it, and its key; `undefined` if nothing is. Both are PEM. */
export function troubleWith({
  cert,
  key,
}: TlsFiles): { readonly of: keyof TlsFiles; readonly text: string } | undefined {
  const certTrouble = troubleOf('has no valid certificate: it must be PEM', { cert });
  if (certTrouble !== undefined) return { of: 'cert', text: certTrouble };
  const keyTrouble = troubleOf('has no valid key: it must be PEM, and not encrypted', { key });
  if (keyTrouble !== undefined) return { of: 'key', text: keyTrouble };
  const trouble = troubleOf('is the key of another certificate: the two do not belong together', { cert, key });
  return trouble === undefined ? undefined : { of: 'key', text: trouble };
}

/**
 * Reads the certificates of authorities, in PEM.
 * @throws UsageError if there is none: OpenSSL would say nothing, and trust nobody
 */
export function readAuthorities(option: string, file: string): Buffer {
  const authorities = readOption(option, file);
  const trouble = troubleWithAuthorities(authorities);
  if (trouble !== undefined) throw new UsageError(`${option} ${file} ${trouble}`);
  return authorities;
}

/**
 * Reads the certificate and the key that two options name; `undefined` if neither does.
 * @throws UsageError if one of them is left out, cannot be read, or is none
 */
export function readTlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (keyFile === undefined) throw new UsageError('--cert needs --key');
  if (certFile === undefined) throw new UsageError('--key needs --cert');
  const files = { cert: readOption('--cert', certFile), key: readOption('--key', keyFile) };
  const trouble = troubleWith(files);
  if (trouble === undefined) return files;
  throw new UsageError(`--${trouble.of} ${trouble.of === 'cert' ? certFile : keyFile} ${trouble.text}`);
}

/** What is wrong with certificates of authorities; `undefined` if nothing is. */
export function troubleWithAuthorities(authorities: Buffer): string | undefined {
  const problem = 'has no valid certificate: it must be PEM';
  // X509Certificate reads DER as well, which OpenSSL does not take for an authority.
  if (!/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(authorities.toString('latin1'))) return problem;
  return failureOf(problem, () => new X509Certificate(authorities));
}

/** @throws UsageError naming the option */
function readOption(option: string, file: string): Buffer {
  let bytes: Buffer | undefined;
  try {
    bytes = readBounded(file, MAX_SIZE);
  } catch (error) {
    throw new UsageError(`${option} ${file} cannot be read: ${describeSystemError(error)}`);
  }
  if (bytes === undefined) throw new UsageError(`${option} ${file} is larger than ${MAX_SIZE} bytes`);
  return bytes;
}

function troubleOf(problem: string, files: Partial<TlsFiles>): string | undefined {
  return failureOf(problem, () => createSecureContext(files));
}

/** `problem` with the code of the error, if `act` throws one. */
function failureOf(problem: string, act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    return code === undefined ? problem : `${problem} (${code})`;
  }
}
