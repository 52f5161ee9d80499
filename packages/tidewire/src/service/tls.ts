import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { codeOf, describeSystemError, UsageError } from '../problem.ts';

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads a certificate, with its chain behind it, and its key: both PEM.
 * @throws UsageError that says which of the files is not what it should be
 */
export function loadTls(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw new UsageError('--key needs --cert: the file with the certificate, in PEM');
  if (keyFile === undefined) throw new UsageError("--cert needs --key: the file with the certificate's key, in PEM");
  const cert = readOption('--cert', certFile);
  const key = readOption('--key', keyFile);
  tryContext(`--cert ${certFile} has no valid certificate: it must be PEM`, { cert });
  tryContext(`--key ${keyFile} has no valid key: it must be PEM, and not encrypted`, { key });
  tryContext(`--cert ${certFile} and --key ${keyFile} do not belong together`, { cert, key });
  return { cert, key };
}

/**
 * Reads the certificates of authorities, in PEM.
 * @throws UsageError if there is none: OpenSSL would say nothing, and trust nobody
 */
export function readAuthorities(option: string, file: string): Buffer {
  const authorities = readOption(option, file);
  const problem = `${option} ${file} has no valid certificate: it must be PEM`;
  // X509Certificate reads DER as well, which OpenSSL does not take for an authority.
  if (!/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(authorities.toString('latin1'))) {
    throw new UsageError(problem);
  }
  attempt(problem, () => new X509Certificate(authorities));
  return authorities;
}

/** @throws UsageError naming the option */
function readOption(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${option} ${file} cannot be read: ${describeSystemError(error)}`);
  }
}

function tryContext(problem: string, files: Partial<TlsFiles>): void {
  attempt(problem, () => createSecureContext(files));
}

function attempt(problem: string, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    const code = codeOf(error);
    throw new UsageError(code === undefined ? problem : `${problem} (${code})`);
  }
}
