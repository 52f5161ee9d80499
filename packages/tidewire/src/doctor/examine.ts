import type { Finding, Section } from './finding.ts';
import { examineEcho } from './url/echoes.ts';
import { examineIdle, type IdleProbe } from './url/idle.ts';
import { examineOrigins } from './url/origins.ts';
import type { Reach } from './url/probe.ts';
import { examineConnection } from './url/tls.ts';
import { examineUpgrade } from './url/upgrade.ts';
import { examineHttp2, examineStreaming } from './url/ways.ts';

/** What is to be found out through a URL. */
export interface UrlExamination {
  readonly reach: Reach;
  /** Left out: nobody is silent. */
  readonly idle?: IdleProbe | undefined;
  /** The largest message to try, in bytes; left out: the server is sent none. */
  readonly echo?: number | undefined;
}

/**
 * What stands between a client here and the server behind a URL.
 * @param shown as which the URL is shown
 * @param looking called with what is being found out
 * @throws UsageError if nobody answers there
 */
export async function examineUrl(
  { reach, idle, echo }: UrlExamination,
  shown: string,
  looking: (what: string) => void,
): Promise<Section> {
  const title = `The way to ${shown}`;
  const findings: Finding[] = [];
  looking('the connection');
  findings.push(...(await examineConnection(reach)));
  // What clients would not trust is looked at all the same.
  const lenient: Reach = {
    ...reach,
    options: { ...reach.options, tls: { ...reach.options.tls, rejectUnauthorized: false } },
  };
  looking('the opening handshake');
  const upgrade = await examineUpgrade(lenient);
  findings.push(...upgrade);
  const isThrough = upgrade.every(({ grade }) => grade !== 'problem');
  if (isThrough) {
    // Being silent takes longest, and disturbs nobody.
    const silence = idle === undefined ? Promise.resolve([]) : examineIdle(lenient, idle);
    looking('Origin');
    findings.push(...(await examineOrigins(lenient)));
    looking('HTTP/2');
    findings.push(...(await examineHttp2(lenient)));
    looking('plain requests');
    findings.push(...(await examineStreaming(lenient)));
    if (echo !== undefined) {
      looking('large and compressed messages');
      findings.push(...(await examineEcho(lenient, echo)));
    }
    if (idle !== undefined) looking(`silence, for ${Math.round(idle.patience / 1000)} s at most (Ctrl-C ends that)`);
    findings.push(...(await silence));
  } else {
    looking('plain requests');
    findings.push(...(await examineStreaming(lenient)));
  }
  return { title, findings };
}
