import { createHmac } from 'node:crypto';
import { signWebhook, verifyWebhook } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { secret } from './support.ts';

const another = 'another secret that is long enough, too';
const body = '{"type":"connect"}';

describe('the signature of a webhook', () => {
  it('is an HMAC of the time and the body, as anybody can compute it', () => {
    const mac = createHmac('sha256', secret).update('1700000000.{"type":"connect"}').digest('hex');
    expect(signWebhook(body, [secret], 1_700_000_000_999)).toBe(`t=1700000000,v1=${mac}`);
  });

  it('is taken from who knows one of the secrets', () => {
    const signature = signWebhook(body, [secret], Date.now());
    expect(verifyWebhook(body, signature, { secrets: [secret] })).toBe(true);
    expect(verifyWebhook(Buffer.from(body), signature, { secrets: [another, secret] })).toBe(true);
    expect(verifyWebhook(body, signature, { secrets: [another] })).toBe(false);
    // While secrets are exchanged, a hub signs with both.
    expect(verifyWebhook(body, signWebhook(body, [another, secret], Date.now()), { secrets: [secret] })).toBe(true);
  });

  it('is for this body', () => {
    const signature = signWebhook(body, [secret], Date.now());
    expect(verifyWebhook(`${body} `, signature, { secrets: [secret] })).toBe(false);
  });

  it('is good for five minutes, or as long as is asked for', () => {
    const at = (age: number) => signWebhook(body, [secret], Date.now() - age);
    expect(verifyWebhook(body, at(299_000), { secrets: [secret] })).toBe(true);
    expect(verifyWebhook(body, at(302_000), { secrets: [secret] })).toBe(false);
    expect(verifyWebhook(body, at(-302_000), { secrets: [secret] })).toBe(false);
    expect(verifyWebhook(body, at(20_000), { secrets: [secret], tolerance: 10_000 })).toBe(false);
  });

  it('is of no use with another time', () => {
    const old = signWebhook(body, [secret], Date.now() - 3_600_000);
    const now = Math.floor(Date.now() / 1000);
    expect(verifyWebhook(body, old.replace(/^t=\d+/, `t=${now}`), { secrets: [secret] })).toBe(false);
  });

  it('is refused in any other form', () => {
    const signature = signWebhook(body, [secret], Date.now());
    const [time = '', mac = ''] = signature.split(',');
    for (const wrong of [
      undefined,
      '',
      mac,
      time,
      `${mac},${time}`,
      `${time},v0=${mac.slice(3)}`,
      `${time},${mac.slice(0, -1)}`,
      `${time},${mac.toUpperCase()}`,
      `t=NaN,${mac}`,
      `t=-1,${mac}`,
      `${signature}${',v1=x'.repeat(2000)}`,
      [signature, signature],
    ]) {
      expect(verifyWebhook(body, wrong, { secrets: [secret] })).toBe(false);
    }
  });

  it('needs a secret that cannot be guessed', () => {
    expect(() => verifyWebhook(body, 't=1', { secrets: [] })).toThrow('secrets is empty');
    expect(() => verifyWebhook(body, 't=1', { secrets: [secret, 'short'] })).toThrow(
      'secrets[1] has less than 32 bytes',
    );
  });
});
