import { once } from 'node:events';
import type { Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ProsodyServer } from '../../../../test/servers/prosody.ts';
import { startGateway, tcpServer } from '../support.ts';
import { CLOSE, OPEN, Reader, xmppTarget } from './support.ts';

const path = inject('prosody');
const accounts = { alice: 'secret' };
/** The domain that Prosody has a certificate for, and which is not where it is reached. */
const DOMAIN = 'example.test';
const TO_DOMAIN = OPEN.replace('localhost', DOMAIN);
let prosody: ProsodyServer;
let ca: string;

beforeAll(async () => {
  if (path === '') return;
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: DOMAIN }] }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: DOMAIN }], { extensions });
  ca = cert;
  // Nobody logs in but by TLS.
  const settings = ['c2s_require_encryption = true'];
  prosody = await ProsodyServer.start(path, { host: DOMAIN, accounts, tls: { cert, key }, settings });
});

afterAll(() => prosody?.close());

async function isWithoutTls(reader: Reader, reason = 'remote-connection-failed'): Promise<void> {
  expect(await reader.next()).toMatch(/^<open /);
  expect(await reader.next()).toMatch(new RegExp(`^<stream:error .*<${reason} `));
  expect(await reader.next()).toBe(CLOSE);
  expect(await reader.client.closed).toMatchObject({ code: 1011, reason });
}

describe.skipIf(path === '')('TLS to Prosody', () => {
  test.each(['offered', 'required'] as const)(
    'is begun where it is %s, for the domain of the client',
    async (encryption) => {
      const { url } = await startGateway([xmppTarget(prosody.port, { encryption, startTls: { ca } })]);
      const reader = await Reader.open(url);
      const [open, features] = await reader.begin(TO_DOMAIN);
      expect(open).toContain(`from="${DOMAIN}"`);
      expect(features).toContain('<mechanism>SCRAM-SHA-1</mechanism>');
      expect(features).not.toContain('starttls');
      const response = Buffer.from('\0alice\0secret').toString('base64');
      reader.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${response}</auth>`);
      expect(await reader.next()).toMatch(/^<success /);
      expect((await reader.begin(TO_DOMAIN))[1]).toContain('urn:ietf:params:xml:ns:xmpp-bind');
    },
  );

  test('from the first byte on is begun for the domain of the client, too', async () => {
    const { url } = await startGateway([xmppTarget(prosody.directTlsPort, { tls: { ca } })]);
    expect((await (await Reader.open(url)).begin(TO_DOMAIN))[1]).toContain('SCRAM-SHA-1');
    const other = await Reader.open(url);
    other.send(OPEN);
    await isWithoutTls(other);
  });

  test('fails with an error where the certificate is not good for the domain, or nobody trusts it', async () => {
    const { url, told } = await startGateway([
      xmppTarget(prosody.port, { startTls: { ca, servername: 'other.test' } }),
      { ...xmppTarget(prosody.port), name: 'stranger', path: '/stranger/xmpp' },
    ]);
    for (const place of [url, `${url}/stranger`]) {
      const reader = await Reader.open(place);
      reader.send(TO_DOMAIN);
      await isWithoutTls(reader);
    }
    await told('closed stranger 1011 remote-connection-failed');
  });

  test('takes any certificate where the target says so', async () => {
    const { url } = await startGateway([xmppTarget(prosody.port, { startTls: { insecure: true } })]);
    expect((await (await Reader.open(url)).begin(TO_DOMAIN))[1]).toContain('SCRAM-SHA-1');
  });

  test('is not begun where the target says so, and the client does not see that it is offered', async () => {
    const { url } = await startGateway([xmppTarget(prosody.port, { encryption: 'none' })]);
    const [, features] = await (await Reader.open(url)).begin(TO_DOMAIN);
    expect(features).toMatch(/^<stream:features [^>]*(\/>|><\/stream:features>)$/);
  });

  test('leaves what the client sends too early until it is there', async () => {
    const { url } = await startGateway([xmppTarget(prosody.port, { startTls: { ca } })]);
    const reader = await Reader.open(url);
    const response = Buffer.from('\0alice\0secret').toString('base64');
    reader.send(TO_DOMAIN, `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${response}</auth>`);
    expect(await reader.next()).toMatch(/^<open /);
    expect(await reader.next()).toMatch(/^<stream:features /);
    expect(await reader.next()).toMatch(/^<success /);
  });
});

describe('a server on the way to TLS', () => {
  const header =
    '<?xml version="1.0"?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" id="1" from="localhost" version="1.0">';
  const offer =
    '<stream:features><starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls></stream:features>';
  const proceed = '<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>';

  /** Says one thing after each thing it hears. */
  const saying = (...answers: readonly string[]) =>
    tcpServer(async (socket: Socket) => {
      for (const answer of answers) {
        await once(socket, 'data');
        socket.write(answer);
      }
      socket.resume();
    });

  test.each<[what: string, answers: readonly string[]]>([
    ['that says something in the clear behind its consent', [header + offer, `${proceed}<iq xmlns="jabber:client"/>`]],
    ['that begins something in the clear behind its consent', [header + offer, `${proceed}<`]],
    ['that refuses', [header + offer, '<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>']],
    ['that speaks no TLS', [header + offer, proceed, 'This is no TLS, and it never was']],
  ])('%s is not spoken to', async (_what, answers) => {
    const { url } = await startGateway([xmppTarget(await saying(...answers))]);
    const reader = await Reader.open(url);
    reader.send(OPEN);
    await isWithoutTls(reader);
  });

  test('that offers none is not spoken to where it is required, and is where it is not', async () => {
    const port = await saying(`${header}<stream:features/>`);
    const { url } = await startGateway([
      xmppTarget(port, { encryption: 'required' }),
      { ...xmppTarget(port), name: 'offered', path: '/offered/xmpp' },
    ]);
    const required = await Reader.open(url);
    required.send(OPEN);
    await isWithoutTls(required);
    const [, features] = await (await Reader.open(`${url}/offered`)).begin();
    expect(features).toBe('<stream:features xmlns:stream="http://etherx.jabber.org/streams"/>');
  });

  test('is not told who somebody is in the clear', async () => {
    let heard = '';
    const port = await tcpServer((socket) => {
      socket.on('data', (bytes) => {
        heard += bytes.toString();
        socket.write(header + offer);
      });
    });
    const { url } = await startGateway([xmppTarget(port)]);
    const reader = await Reader.open(url);
    reader.send(OPEN.replace('to=', 'from="alice@localhost" to='));
    reader.send(CLOSE);
    await expect.poll(() => heard).toContain('<starttls ');
    expect(heard).not.toContain('alice');
    reader.client.socket.terminate();
  });
});
