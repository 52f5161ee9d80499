import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * The name that a server's certificate must be for: the domain that the client has asked for (RFC 6120, 13.7.2), as DNS writes it.
 * `undefined` where that is no name.
 */
export function certificateName(to: string | undefined): string | undefined {
  const name = domainToASCII(to ?? '').replace(/\.$/, '');
  return name === '' || name.startsWith('[') || isIP(name) !== 0 ? undefined : name;
}
