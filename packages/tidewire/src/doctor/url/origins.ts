import type { Finding } from '../finding.ts';
import { leave, open, type Reach } from './probe.ts';
import { isOpen } from './upgrade.ts';

// Whose pages may connect.

/** RFC 2606: no site has this name. */
const FOREIGN = 'https://doctor.invalid';

export async function examineOrigins(reach: Reach): Promise<readonly Finding[]> {
  const own = new URL(reach.url);
  const same = `${own.protocol.replace('ws', 'http')}//${own.host}`;
  const [foreign, home] = await Promise.all([accepts(reach, FOREIGN), accepts(reach, same)]);
  return [ofForeign(foreign), ...(home ? [] : [ofHome(same)])];
}

async function accepts(reach: Reach, origin: string): Promise<boolean> {
  const opened = await open(reach, { origin });
  if (!isOpen(opened)) return false;
  await leave(opened.socket);
  return true;
}

function ofForeign(isAccepted: boolean): Finding {
  if (!isAccepted) return { check: 'origin', grade: 'ok', what: `A page of ${FOREIGN} may not connect.` };
  return {
    check: 'origin',
    grade: 'warning',
    what: `A page of ${FOREIGN} may connect, and so may any other.`,
    why: 'If cookies say who a client is, a foreign page can act in the name of whoever visits it (cross-site WebSocket hijacking). A service that is meant for everybody, such as an echo, may leave it so.',
    mend: [
      'tidewire serve --origin https://your.site, or the option origin of an endpoint; or look at the Origin header yourself',
    ],
  };
}

function ofHome(origin: string): Finding {
  return {
    check: 'origin-same',
    grade: 'note',
    what: `Pages of ${origin} itself may not connect.`,
    why: 'If there are none, that is as it should be. Otherwise the proxy passes another Host on than the one that was asked for, or that origin is missing from the list.',
    mend: ['nginx: proxy_set_header Host $host;', `tidewire serve --origin ${origin}`],
  };
}
