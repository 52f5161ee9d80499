import { type State, stateDiagram, transitions } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';

const states = Object.entries(transitions);

describe('the table of states', () => {
  it('leaves CLOSED for nothing', () => {
    expect(transitions.CLOSED).toEqual({});
  });

  it('closes from everywhere when the pipe is gone, and reports that once', () => {
    for (const [state, events] of states) {
      if (state === 'CLOSED') continue;
      expect(events.gone).toMatchObject({ to: 'CLOSED', actions: expect.arrayContaining(['report']) });
    }
    const reports = states.flatMap(([, events]) =>
      Object.entries(events).filter(([, { actions }]) => actions.includes('report')),
    );
    expect(new Set(reports.map(([event]) => event))).toEqual(new Set(['gone']));
  });

  it('sends a Close frame only on the way out of OPEN, so never twice', () => {
    for (const [state, events] of states) {
      for (const { to, actions } of Object.values(events)) {
        if (actions.includes('sendClose')) expect([state, to === 'OPEN']).toEqual(['OPEN', false]);
      }
    }
  });

  it('tells the owner whenever OPEN is left, and only then', () => {
    for (const [state, events] of states) {
      for (const { actions } of Object.values(events)) expect(actions.includes('notify')).toBe(state === 'OPEN');
    }
  });

  it('never goes back', () => {
    const order: State[] = ['CONNECTING', 'OPEN', 'CLOSE_SENT', 'CLOSE_DONE', 'FAILED', 'CLOSED'];
    for (const [state, events] of states) {
      for (const { to } of Object.values(events))
        expect(order.indexOf(to)).toBeGreaterThanOrEqual(order.indexOf(state as State));
    }
  });

  it('is drawn row by row', () => {
    const diagram = stateDiagram();
    expect(diagram).toContain('CONNECTING --> OPEN: opened\n');
    expect(diagram).toContain('OPEN --> CLOSE_SENT: close / sendClose, notify\n');
    expect(diagram.match(/-->/g)).toHaveLength(2 + states.flatMap(([, events]) => Object.keys(events)).length);
  });
});
