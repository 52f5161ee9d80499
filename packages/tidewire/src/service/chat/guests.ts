import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';

// Who a guest of the chat is: a token names it, so that nothing has to be kept of it. Whoever brings an older token stays the
// same guest, under another name if that is wanted.

/** Tells these tokens from those of an application. */
export const GUEST_ISSUER = 'tidewire-chat';

const HOUR = 3600;

/** Seconds after which a token that has expired is of no use for another one. */
const RENEWABLE = 30 * 24 * HOUR;

export interface Guest {
  readonly token: string;
  readonly user: string;
}

export class Guests {
  readonly #random = randomBytes(32);
  #key: Uint8Array = this.#random;

  /** @param secrets of an application's tokens; without one, tokens are good for this process alone */
  constructor(secrets: readonly (string | Uint8Array)[]) {
    this.useSecrets(secrets);
  }

  /** What tokens are signed with. It is not the application's secret: a guest's token is of no use there. */
  get key(): Uint8Array {
    return this.#key;
  }

  /** @returns whether tokens are signed with something else now */
  useSecrets([secret]: readonly (string | Uint8Array)[]): boolean {
    const before = this.#key;
    this.#key =
      secret === undefined ? this.#random : createHmac('sha256', secret).update('guests of the chat').digest();
    return !Buffer.from(before).equals(this.#key);
  }

  /** @param former the guest's last token, if it has one */
  async admit(name: string, former: string | undefined): Promise<Guest> {
    const user = (former && (await this.#userOf(former))) || `guest-${randomUUID()}`;
    const token = await new SignJWT({ info: { name } })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(GUEST_ISSUER)
      .setSubject(user)
      .setExpirationTime(Math.floor(Date.now() / 1000) + HOUR)
      .sign(this.#key);
    return { token, user };
  }

  async #userOf(token: string): Promise<string | undefined> {
    const rules = { algorithms: ['HS256'], issuer: GUEST_ISSUER, clockTolerance: RENEWABLE };
    return jwtVerify(token, this.#key, rules).then(
      ({ payload }) => payload.sub,
      () => undefined,
    );
  }
}

/** Whether a token says that it is one of a guest. Nothing is verified. */
export function isGuestToken(token: string | undefined): token is string {
  if (!token) return false;
  try {
    return decodeJwt(token).iss === GUEST_ISSUER;
  } catch {
    return false;
  }
}
