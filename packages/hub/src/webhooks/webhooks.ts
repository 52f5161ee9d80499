import type { HubObserver } from '../observer.ts';
import type { Hooks } from '../permissions/hooks.ts';
import type { Trace } from '../permissions.ts';
import { type NoticeDone, type NoticeOptions, Notices } from './notices.ts';
import { Poster, type PosterOptions } from './poster.ts';
import { Questions, type QuestionUrls, webUrl } from './questions.ts';

// An application that is somewhere else: it is asked and told over HTTP what an application in this process is by functions.

export interface WebhookOptions extends PosterOptions {
  readonly urls: QuestionUrls & {
    /** Told of channels that get their first subscriber and lose their last. */
    readonly notices?: string | URL | undefined;
  };
  readonly notices?: NoticeOptions | undefined;
  /** Headers of the handshake that `connect` is told of, such as `cookie`. Default: none. */
  readonly forwardedHeaders?: readonly string[] | undefined;
  /** Its `webhookDone` is told of each question, of each notice that has arrived or was given up, and of each failed request. */
  readonly observer?: HubObserver | undefined;
  /** Notices were given up. Default: a warning of the process. */
  readonly error?: ((error: unknown) => void) | undefined;
}

export interface Webhooks {
  /** For `createPermissions`. */
  readonly hooks: Hooks;
  /** For the hub's option of this name. */
  occupancy(event: 'occupied' | 'vacated', channel: string, trace?: Trace): void;
  /**
   * Sends the notices that wait, and closes the connections.
   * @param within milliseconds after which what is left is dropped. Default 5000
   */
  stop(within?: number): Promise<void>;
}

function warn(error: unknown): void {
  const text = error instanceof Error ? `${error.message}: ${error.cause}` : String(error);
  process.emitWarning(text, { type: 'HubWebhookWarning' });
}

/** What others do with a report must not end the reporting. */
function carefully(report: () => void): void {
  try {
    report();
  } catch (error) {
    warn(error);
  }
}

/** @throws TypeError if a URL is none of a web server, or a secret could be guessed */
export function createWebhooks(options: WebhookOptions): Webhooks {
  const { urls, observer, error = warn } = options;
  const poster = new Poster(options);
  const forwarded = (options.forwardedHeaders ?? []).map((name) => name.toLowerCase());
  const done: NoticeDone = (event, outcome, duration, attempts) =>
    carefully(() => observer?.webhookDone?.(event, outcome, duration, attempts));
  const questions = new Questions(poster, (event, outcome, duration) => done(event, outcome, duration, 1), forwarded);
  const notices =
    urls.notices === undefined
      ? undefined
      : new Notices(poster, webUrl(urls.notices, 'urls.notices'), options.notices ?? {}, done, (reason) =>
          carefully(() => error(reason)),
        );
  return {
    hooks: questions.hooks(urls),
    occupancy: (event, channel, trace) => notices?.tell(event, { channel: JSON.stringify(channel) }, trace),
    async stop(within = 5000) {
      await notices?.stop(within);
      poster.close();
    },
  };
}
