import { type TlsFiles, troubleWith } from '../service/tls.ts';
import type { ConfigFiles } from './files.ts';

interface Names {
  readonly cert: string;
  readonly key: string;
}

/** The certificate and key that stand at `listen.tls`. What is wrong with them is a problem of their keys. */
export function tlsFiles(tls: Names | undefined, files: ConfigFiles): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  const path = ['listen', 'tls'];
  const cert = files.read([...path, 'cert'], tls.cert);
  const key = files.read([...path, 'key'], tls.key);
  if (cert === undefined || key === undefined) return undefined;
  const trouble = troubleWith({ cert, key });
  if (trouble === undefined) return { cert, key };
  const { of, text } = trouble;
  files.complain([...path, of], `${files.pathOf([...path, of], tls[of])} ${text}`);
  return undefined;
}
