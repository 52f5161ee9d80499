import type { Answer } from './http.ts';
import { json } from './http.ts';

/** What the health of the service is read from. */
export interface HealthSource {
  isDraining(): boolean;
  /** Open sockets by endpoint. */
  connections(): Readonly<Record<string, number>>;
}

/** GET /health, for load balancers and people: 200, or 503 from when the service begins to stop. */
export function healthResource(source: HealthSource): (path: string) => Answer | undefined {
  const startedAt = performance.now();
  return (path) => {
    if (path !== '/health') return undefined;
    const isDraining = source.isDraining();
    return json(isDraining ? 503 : 200, {
      status: isDraining ? 'draining' : 'ok',
      /** In seconds. */
      uptime: Math.floor((performance.now() - startedAt) / 1000),
      connections: source.connections(),
    });
  };
}
