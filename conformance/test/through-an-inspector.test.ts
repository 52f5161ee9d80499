import { InspectingProxy, Inspector } from '@tidewire/inspector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framing } from '../src/cases/1-framing.ts';
import { pings } from '../src/cases/2-pings.ts';
import { reservedBits } from '../src/cases/3-reserved-bits.ts';
import { opcodes } from '../src/cases/4-opcodes.ts';
import { fragmentation } from '../src/cases/5-fragmentation.ts';
import { closing } from '../src/cases/7-close.ts';
import { endings } from '../src/cases/c-closing.ts';
import { deflateMessages } from '../src/cases/d-deflate-messages.ts';
import { lengthsAndMasks } from '../src/cases/l-lengths-and-masks.ts';
import { type RunningServer, startServerUnderTest } from '../src/peers.ts';
import { runAgainstServer } from '../src/tester.ts';

// An inspector between the tester and the server changes nothing that either of them sees, whether bytes go on as they come or
// messages are gathered for a rule.

const cases = [
  ...[...framing, ...pings, ...reservedBits, ...opcodes, ...fragmentation],
  ...[...closing, ...endings, ...deflateMessages, ...lengthsAndMasks],
].filter(({ roles }) => roles?.includes('server') ?? true);

describe.each([
  ['as they come', false],
  ['gathered for a rule', true],
])('through an inspector, bytes %s', (_how, gathers) => {
  let server: RunningServer;
  let proxy: InspectingProxy;
  let port = 0;

  beforeAll(async () => {
    server = await startServerUnderTest();
    const inspector = new Inspector();
    const match = { text: 'what nobody says' };
    if (gathers) inspector.rules.set([{ id: 1, match, action: { type: 'drop' }, isOn: true }]);
    proxy = new InspectingProxy({ inspector, target: { url: `ws://${server.host}:${server.port}` } });
    port = Number(new URL(await proxy.listen('127.0.0.1', 0)).port);
  });

  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  for (const one of cases) {
    it(`${one.id} ${one.title}`, async () => {
      expect(await runAgainstServer({ ...server, port }, one)).toMatchObject({ verdict: 'OK', why: '' });
    });
  }
});
