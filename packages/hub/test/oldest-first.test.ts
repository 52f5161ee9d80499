import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OldestFirst } from '../src/oldest-first.ts';

const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'delete', 'shift'), fc.nat(9)), { maxLength: 200 });

describe('OldestFirst', () => {
  it('hands out its members from the one that was added longest ago, whatever was deleted or added again', () => {
    fc.assert(
      fc.property(steps, (each) => {
        const members = new OldestFirst<number>();
        let model: number[] = [];
        for (const [action, member] of each) {
          if (action === 'shift') {
            expect(members.shift()).toBe(model.shift());
          } else {
            expect(action === 'delete' ? members.delete(member) : members.add(member)).toBe(
              action === 'delete' ? model.includes(member) : undefined,
            );
            model = model.filter((other) => other !== member);
            if (action === 'add') model.push(member);
          }
          expect(members.size).toBe(model.length);
        }
        expect([...members]).toEqual(model);
      }),
    );
  });

  it('finds the oldest as quickly among many as among few', () => {
    const timeOf = (count: number) => {
      const members = new OldestFirst<number>();
      for (let i = 0; i < count; i++) members.add(i);
      const begin = process.cpuUsage();
      for (let i = 0; i < 20_000; i++) {
        members.shift();
        members.add(count + i);
      }
      return process.cpuUsage(begin).user;
    };
    timeOf(100);
    // A plain set takes a hundred times as long.
    expect(timeOf(100_000)).toBeLessThan(20 * timeOf(100) + 20_000);
  });
});
