import { formatLatency } from './numbers.ts';
import type { Race } from './race.ts';

/** What the numbers are, and what they are not. */
export function Method({ race }: { race: Race | undefined }) {
  const uncertainty = race?.uncertainty;
  return (
    <section class="card method">
      <h2>What is measured</h2>
      <dl>
        <dt>Latency</dt>
        <dd>
          From the making of a message on the server until this page’s script has it; the median of the last 10 seconds.
          The two clocks are compared over a connection of its own
          {uncertainty === undefined ? '' : `, to within ${formatLatency(uncertainty)}`}.
        </dd>
        <dt>On the wire</dt>
        <dd>
          All bytes that the server’s sockets have read and written for the lane, requests and headers included, divided
          by the messages of the last 10 seconds. Each message itself has about 60 bytes. What TCP and IP add is not
          seen, nor is what TLS adds.
        </dd>
        <dt>Server CPU</dt>
        <dd>
          CPU time of the server’s process, read before and after each piece of the lane’s work. That the system wakes
          the process, and that a request is read and parsed, comes before: with it the lanes that make requests would
          look worse.
        </dd>
        <dt>Added delay</dt>
        <dd>
          The server keeps every request for half of it before it looks at it, and every answer, piece of a stream and
          frame for the other half. It is the same for all lanes.
        </dd>
      </dl>
    </section>
  );
}
