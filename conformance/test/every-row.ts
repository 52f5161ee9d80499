// Makes a test of each row, for each role that it is meant for. Every one must be OK.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startClientUnderTest, startServerUnderTest } from '../src/peers.ts';
import type { Case, Role } from '../src/table.ts';
import { runAgainstClient, runAgainstServer } from '../src/tester.ts';

/** Only the whole of sections 12 and 13 takes so long. */
const patience = 120_000;

export function testEveryRow(cases: readonly Case[]): void {
  const rowsFor = (role: Role): readonly Case[] => cases.filter((one) => one.roles?.includes(role) ?? true);

  describe.runIf(rowsFor('server').length > 0)('against the server', () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServerUnderTest();
    });
    afterAll(() => server.stop());

    for (const one of rowsFor('server')) {
      it(`${one.id} ${one.title}`, { timeout: patience }, async () => {
        expect(await runAgainstServer(server, one)).toMatchObject({ verdict: 'OK', why: '' });
      });
    }
  });

  describe.runIf(rowsFor('client').length > 0)('against the client', () => {
    for (const one of rowsFor('client')) {
      it(`${one.id} ${one.title}`, { timeout: patience }, async () => {
        expect(await runAgainstClient(startClientUnderTest, one)).toMatchObject({ verdict: 'OK', why: '' });
      });
    }
  });
}
