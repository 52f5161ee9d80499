import { type ReconnectingState, reconnectingDiagram, reconnectingTransitions } from '@tidewire/client';
import { describe, expect, it } from 'vitest';

const rows = Object.entries(reconnectingTransitions).flatMap(([from, steps]) =>
  Object.entries(steps).map(([step, transition]) => ({ from: from as ReconnectingState, step, ...transition })),
);

describe('the table of a WebSocket that reconnects', () => {
  it('leaves closed for nothing', () => {
    expect(reconnectingTransitions.closed).toEqual({});
  });

  it('can be closed from everywhere', () => {
    for (const [state, steps] of Object.entries(reconnectingTransitions)) {
      if (state === 'closing' || state === 'closed') continue;
      expect(steps.close).toEqual({ to: 'closing', actions: ['close'] });
    }
  });

  it('begins an attempt with nothing left of the last one', () => {
    for (const { from, actions } of rows.filter(({ to }) => to === 'connecting')) {
      expect([from, actions]).toEqual(['waiting', ['connect']]);
    }
    for (const { from, to, actions } of rows) {
      const ends = (from === 'connecting' || from === 'open') && (to === 'waiting' || to === 'closed');
      if (ends) expect(actions[0]).toBe('release');
    }
  });

  it('tells of each opening, each loss and the end, once', () => {
    for (const { from, to, actions } of rows) {
      expect(actions.includes('tellOpen')).toBe(to === 'open');
      expect(actions.includes('tellReconnecting')).toBe((from === 'connecting' || from === 'open') && to === 'waiting');
      expect(actions.includes('tellClosed')).toBe(to === 'closed');
    }
  });

  it('is drawn row by row', () => {
    const diagram = reconnectingDiagram();
    expect(diagram).toContain('connecting --> open: opened / tellOpen, flush\n');
    expect(diagram).toContain('waiting --> suspended: hindered\n');
    expect(diagram.match(/-->/g)).toHaveLength(2 + rows.length);
  });
});
