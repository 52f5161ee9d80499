import { describe, expect, it } from 'vitest';
import { CLOSE, closeBody, Endpoint, frame, TEXT } from './support.ts';

/** An endpoint that keeps the answer to the peer's last frame until the test calls `answer`. */
function slow(): { client: Endpoint; answer: () => void } {
  const client = new Endpoint('client');
  let kept: (() => void) | undefined;
  client.onAnswering = (answer) => {
    kept = answer;
    return true;
  };
  return { client, answer: () => kept?.() };
}

const fromServer = { masked: false };
const goodbye = frame(CLOSE, closeBody(4000, 'bye'), fromServer);
/** The first byte of each frame that was sent; a client's payload is masked, and short here. */
function opcodes(output: number[]): number[] {
  const all: number[] = [];
  for (let at = 0; at < output.length; at += 6 + ((output[at + 1] ?? 0) & 127)) all.push((output[at] ?? 0) & 15);
  return all;
}

describe('an owner that hands messages on later', () => {
  it('can still answer them before the Close frame is answered', () => {
    const { client, answer } = slow();
    client.receive(frame(TEXT, 'question', fromServer), goodbye, frame(TEXT, 'late', fromServer));
    expect(client.messages).toEqual(['question']);
    expect(client.connection.state).toBe('OPEN');
    expect(client.connection.send('reply')).toBe('written');
    answer();
    expect(client.connection.state).toBe('CLOSE_DONE');
    expect(opcodes(client.takeOutput())).toEqual([TEXT, CLOSE]);
    client.connection.gone();
    expect(client.close).toMatchObject({ code: 4000, reason: 'bye', wasClean: true });
  });

  it('can still answer them before the connection is failed', () => {
    const { client, answer } = slow();
    client.receive(frame(TEXT, 'question', fromServer), frame(TEXT, 'bad', { rsv: 1, masked: false }));
    client.connection.send('reply');
    answer();
    expect(client.connection.state).toBe('FAILED');
    expect(client.hasEnded).toBe(true);
    expect(opcodes(client.takeOutput())).toEqual([TEXT, CLOSE]);
  });

  it('hears of the end of the stream after that', () => {
    const { client, answer } = slow();
    client.receive(goodbye);
    client.connection.ended();
    client.connection.resume();
    expect([client.connection.state, client.hasEnded]).toEqual(['OPEN', false]);
    answer();
    expect([client.connection.state, client.hasEnded]).toEqual(['CLOSE_DONE', true]);
    client.connection.gone();
    expect(client.close).toMatchObject({ code: 4000, wasClean: true });
  });

  it('may close by itself meanwhile: one Close frame goes out', () => {
    const { client, answer } = slow();
    client.receive(goodbye);
    client.connection.close(1000);
    answer();
    answer();
    expect(client.connection.state).toBe('CLOSE_DONE');
    expect(opcodes(client.takeOutput())).toEqual([CLOSE]);
  });

  it('is not asked when it has closed already', () => {
    const { client } = slow();
    client.connection.close(1000);
    client.receive(goodbye);
    expect(client.connection.state).toBe('CLOSE_DONE');
  });

  it('was not clean if the stream is gone before the answer', () => {
    const { client, answer } = slow();
    client.receive(goodbye);
    client.connection.gone();
    answer();
    expect(client.close).toMatchObject({ code: 4000, reason: 'bye', wasClean: false });
    expect(client.events).toEqual(['closing', 'close']);
    expect(client.takeOutput()).toEqual([]);
  });
});
