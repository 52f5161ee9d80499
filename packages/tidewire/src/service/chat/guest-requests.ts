import { chatLimits, checkName } from '@tidewire/console/chat-messages';
import { type Answer, json, type Live, type Request, send } from '../http.ts';
import { fieldsOf, problem, readJson, refuseBody } from '../json-body.ts';
import { Rate } from '../rate.ts';
import { isFromHere } from '../same-origin.ts';
import type { Guests } from './guests.ts';

// POST /chat/guest: a page tells a name, and gets a token with which the hub takes it for a guest of the chat.

const PATH = '/chat/guest';

/** Tokens in a second for one address, on average. */
const TOKEN_RATE = 5;

/** Addresses that are counted; of more, the one that was seen first is forgotten. */
const ADDRESSES = 1000;

/** @param isOpen whether there is a chat at present */
export function guestRequests(guests: Guests, isOpen: () => boolean, limits: { readonly image: number }): Live {
  const rates = new Rates();
  const refusal = (request: Request): Answer | undefined => {
    if (request.method !== 'POST') return problem(405, 'Only POST is possible here.', { Allow: 'POST' });
    if (!isFromHere(request)) return problem(403, 'Only pages of this server may ask.');
    if (!isOpen()) return problem(409, 'There is no chat here: its channels are used for something else.');
    const wrong = refuseBody(request);
    if (wrong !== undefined) return wrong;
    if (rates.take(request.socket.remoteAddress ?? '')) return undefined;
    return problem(429, 'Too many guests come at a time: try again in a moment.', { 'Retry-After': '1' });
  };
  const admit = async (request: Request): Promise<Answer> => {
    const { name, token } = fieldsOf(await readJson(request));
    const checked = checkName(name);
    if (!checked.ok) return problem(400, checked.error);
    if (token !== undefined && typeof token !== 'string') return problem(400, 'token must be text');
    const guest = await guests.admit(checked.value, token);
    return json(200, { ...guest, name: checked.value, limits: { text: chatLimits.text, image: limits.image } });
  };
  return (path, request, response) => {
    if (path !== PATH) return undefined;
    const refused = refusal(request);
    if (refused !== undefined) return refused;
    admit(request).then(
      (answer) => send(request, response, answer),
      () => response.destroy(),
    );
    return 'served';
  };
}

/** How many tokens each address has got lately. */
class Rates {
  readonly #byAddress = new Map<string, Rate>();

  take(address: string): boolean {
    let rate = this.#byAddress.get(address);
    if (rate === undefined) {
      rate = new Rate(TOKEN_RATE);
      const [oldest] = this.#byAddress.keys();
      if (this.#byAddress.size >= ADDRESSES && oldest !== undefined) this.#byAddress.delete(oldest);
      this.#byAddress.set(address, rate);
    }
    return rate.take(1);
  }
}
