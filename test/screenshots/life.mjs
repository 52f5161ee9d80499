// Users of an application, as they come and go: some with a token that says who they are, some without; orders that move, prices
// that change, and people who are helped.

import { WebSocket } from '@tidewire/client';
import { Centrifuge } from 'centrifuge';
import { SignJWT } from 'jose';

const names = ['ada', 'grace', 'linus', 'margaret', 'dennis', 'barbara', 'ken', 'radia', 'tim', 'hedy', 'alan', 'joan'];
const pairs = ['ticker:eur-usd', 'ticker:gbp-usd', 'ticker:usd-jpy', 'ticker:btc-eur'];
const states = ['paid', 'packed', 'on its way', 'delivered'];

/** Users with a token, and visitors without. */
const USERS = 36;
const VISITORS = 24;

/**
 * @param {number} port
 * @param {string} key of the server API
 * @param {string} secret that signs tokens
 */
export async function liven(port, key, secret) {
  const url = `ws://127.0.0.1:${port}/connection/websocket`;
  const clients = [];
  const timers = [];
  const every = (/** @type {number} */ time, /** @type {() => void} */ act) => timers.push(setInterval(act, time));
  for (let index = 0; index < USERS + VISITORS; index++) {
    const user = `${names[index % names.length]}${index < names.length ? '' : Math.floor(index / names.length) + 1}`;
    const token = index < VISITORS ? undefined : await tokenOf(user, secret);
    const client = new Centrifuge(url, { websocket: WebSocket, name: index % 3 === 0 ? 'ios' : 'web', token });
    client.on('error', () => {});
    for (const channel of channelsOf(index)) client.newSubscription(channel).subscribe();
    client.connect();
    await client.ready();
    clients.push(client);
  }
  const publish = (/** @type {string} */ channel, /** @type {unknown} */ data) =>
    fetch(`http://127.0.0.1:${port}/api/publish`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({ channel, data }),
    }).then(
      (response) => response.text(),
      () => '',
    );
  let beat = 0;
  every(80, () => {
    // The day has its busy hours.
    if (Math.sin(beat++ / 60) < Math.random() * 1.6 - 1) return;
    const price = (1 + Math.random() / 5).toFixed(4);
    void publish(pairs[beat % pairs.length] ?? '', { price, at: Date.now() });
  });
  every(700, () => void publish(orderOf(beat), { state: states[beat % states.length], at: Date.now() }));
  every(1900, () => void publish('support:desk', { text: 'Somebody is with you in a moment.' }));
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
      for (const client of clients) client.disconnect();
    },
  };
}

/** @param {number} index */
function channelsOf(index) {
  const own = index % 3 === 0 ? ['support:desk'] : [];
  return [pairs[index % pairs.length] ?? '', orderOf(index), ...own];
}

/** @param {number} index */
function orderOf(index) {
  return `order:${4700 + (index % 11)}`;
}

/**
 * @param {string} user
 * @param {string} secret
 */
function tokenOf(user, secret) {
  return new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(user).sign(new TextEncoder().encode(secret));
}
