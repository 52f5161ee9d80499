import type { Answer } from './http.ts';
import { json } from './http.ts';

// GET /health is for people and for load balancers that ask one question; /health/ready says whether new clients should be
// sent here, and /health/live whether the process is of any use at all.

/** What the health of the service is read from. */
export interface HealthSource {
  isDraining(): boolean;
  /** What keeps the service from serving, in a few words each. */
  troubles(): readonly string[];
  /** Open sockets by endpoint. */
  connections(): Readonly<Record<string, number>>;
}

/** Answers with 200, or with 503 from when the service begins to stop; /health/ready also while something is in trouble. */
export function health(source: HealthSource): (path: string) => Answer | undefined {
  const startedAt = performance.now();
  const statusOf = () => (source.isDraining() ? 'draining' : 'ok');
  return (path) => {
    if (path === '/health') {
      return json(source.isDraining() ? 503 : 200, {
        status: statusOf(),
        /** In seconds. */
        uptime: Math.floor((performance.now() - startedAt) / 1000),
        connections: source.connections(),
      });
    }
    if (path === '/health/ready') {
      const troubles = source.troubles();
      if (source.isDraining() || troubles.length === 0)
        return json(source.isDraining() ? 503 : 200, { status: statusOf() });
      return json(503, { status: 'unavailable', troubles });
    }
    if (path === '/health/live') return json(200, { status: statusOf() });
    return undefined;
  };
}
