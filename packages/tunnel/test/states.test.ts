import { type TunnelState, tunnelTransitions, type Way, ways } from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';

const rows = Object.entries(tunnelTransitions).flatMap(([from, events]) =>
  Object.entries(events).map(([event, transition]) => ({ from, event, ...transition })),
);

describe('the table of a session', () => {
  it('leaves GONE for nothing, and never goes back', () => {
    const order: TunnelState[] = ['OPEN', 'END_SENT', 'END_RECEIVED', 'BOTH_ENDED', 'GONE'];
    expect(tunnelTransitions.GONE).toEqual({});
    for (const { from, to } of rows) expect(order.indexOf(to)).toBeGreaterThan(order.indexOf(from as TunnelState));
  });

  it('reports on the way to GONE, with an outcome, and only then', () => {
    for (const { to, actions, outcome } of rows) {
      expect(actions.includes('report')).toBe(to === 'GONE');
      expect(outcome !== undefined).toBe(to === 'GONE');
    }
  });

  it('sends one END and reports one END, whichever comes first', () => {
    for (const event of ['end', 'endReceived'] as const) {
      const from = rows.filter((row) => row.event === event).map((row) => row.from);
      expect(from).toEqual(['OPEN', event === 'end' ? 'END_RECEIVED' : 'END_SENT']);
    }
  });

  it('ends from everywhere when the session is dropped, lost or broken', () => {
    for (const [state, events] of Object.entries(tunnelTransitions)) {
      if (state === 'GONE') continue;
      for (const event of ['destroy', 'reset', 'violation', 'lost'] as const) expect(events[event]?.to).toBe('GONE');
    }
  });

  it('takes a session that the other side does not know any more for finished, once both have ended', () => {
    expect(rows.filter(({ event }) => event === 'reset').map(({ from, outcome }) => [from, outcome])).toEqual([
      ['OPEN', 'RESET'],
      ['END_SENT', 'RESET'],
      ['END_RECEIVED', 'RESET'],
      ['BOTH_ENDED', 'FINISHED'],
    ]);
  });
});

describe('the table of the ways to receive', () => {
  const down: Way[] = ['PROBING', 'STREAMING', 'POLLING', 'INTERVAL'];

  it('goes down when a way is unfit, to the last, which asks and is answered at once', () => {
    for (const way of down) {
      const next = ways[way].on.unfit;
      if (next !== undefined) expect(down.indexOf(next)).toBeGreaterThan(down.indexOf(way));
    }
    expect(ways.INTERVAL).toMatchObject({ mode: 'TAKE', on: {} });
    expect(ways.INTERVAL.on.unfit).toBeUndefined();
  });

  it('begins anew on another network, from everywhere', () => {
    for (const way of down.slice(1)) expect(ways[way].on.moved).toBe('PROBING');
  });
});
