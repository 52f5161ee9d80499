import { judge, LoadRun, parseScenario, parseThreshold, ThresholdError } from '@tidewire/load';
import { describe, expect, test } from 'vitest';
import { echoServer } from './support/servers.ts';

const scenarioAt = (url: string) =>
  parseScenario({
    target: { url },
    seed: 1,
    phases: [
      { do: 'echo', connections: 2, rate: 20, duration: '500ms' },
      { do: 'idle', name: 'quiet', duration: '50ms' },
      { do: 'storm', connections: 2, duration: '100ms' },
    ],
  });

describe('a condition', () => {
  const scenario = scenarioAt('ws://127.0.0.1/');
  const limitOf = (text: string) => {
    const { metric, operator, limit, phase } = parseThreshold(text, scenario);
    return [metric.unit, operator, limit, phase];
  };

  test.each<[text: string, means: readonly unknown[]]>([
    ['p99>50ms', ['time', '>', 50, undefined]],
    [' p99.9 >= 1.5s ', ['time', '>=', 1500, undefined]],
    ['quiet:handshake.max>1m', ['time', '>', 60_000, 'quiet']],
    ['receiveRate<1000', ['number', '<', 1000, undefined]],
    ['loss>1%', ['share', '>', 0.01, undefined]],
    ['allBack<=0', ['time', '<=', 0, undefined]],
  ])('%s is understood', (text, means) => {
    expect(limitOf(text)).toEqual(means);
  });

  test.each([
    ['', 'must be a metric, one of > >= < <=, and a limit, such as p99>50ms'],
    ['p99', 'must be a metric'],
    ['p99=50ms', 'must be a metric'],
    ['p98>50ms', 'there is no metric p98. Did you mean p90?'],
    ['constructor>1', 'there is no metric constructor'],
    ['p99>50', 'p99 is compared with a time such as 50ms or 2s'],
    ['p99>fast', 'p99 is compared with a time'],
    ['lost>1%', 'lost is compared with a number'],
    ['lost>-1', 'lost is compared with a number'],
    ['quit:failed>0', 'there is no phase quit. Did you mean quiet?'],
    ['quiet:p99>1s', 'the phase quiet does not measure p99'],
  ])('%s is none, and it is said why', (text, why) => {
    expect(() => parseThreshold(text, scenario)).toThrow(ThresholdError);
    expect(() => parseThreshold(text, scenario)).toThrow(why);
  });

  test('is about every phase that measures it', async () => {
    const { url } = await echoServer();
    const real = scenarioAt(url);
    const texts = ['lost>0', 'received<20', 'received<=20', 'storm:allBack>1h', 'handshake.p50>1h', 'failed>0'];
    const outcome = await new LoadRun(real).run();
    const verdicts = judge(
      texts.map((text) => parseThreshold(text, real)),
      outcome,
      real,
    );
    expect(verdicts.map(({ threshold, phase, hasFailed }) => [threshold.text, phase, hasFailed])).toEqual([
      ['lost>0', 'echo', false],
      ['received<20', 'echo', false],
      ['received<=20', 'echo', true],
      ['storm:allBack>1h', 'storm', false],
      ['handshake.p50>1h', 'echo', false],
      // Nothing was opened in it, and so nothing measured.
      ['handshake.p50>1h', 'quiet', true],
      ['handshake.p50>1h', 'storm', false],
      ['failed>0', 'echo', false],
      ['failed>0', 'quiet', false],
      ['failed>0', 'storm', false],
    ]);
  });
});
