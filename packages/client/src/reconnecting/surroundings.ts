// What the device and the page say about the use of an attempt. In a browser that is the network and whether anybody can
// see the page; where nothing is known of either, as in Node, attempts are always worth it.

export interface Surroundings {
  /** Whether an attempt is pointless, or not wanted, for now. */
  isHindered(): boolean;
  /** Calls `tell` when that may have changed, and returns what ends that. */
  watch(tell: (what: 'hindered' | 'encouraged') => void): () => void;
}

export type WhileHidden = 'reconnect' | 'wait';

export const anywhere: Surroundings = {
  isHindered: () => false,
  watch: () => () => {},
};

/** What of the global scope of a page, or of a worker, is looked at. */
export interface BrowserScope extends EventTarget {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: EventTarget & { readonly visibilityState: string };
}

/** The surroundings in a browser, for connections to what `host` says, as far as it is known. */
export function browserSurroundings(
  scope: BrowserScope,
  whileHidden: WhileHidden,
  host: () => string | undefined,
): Surroundings {
  const { navigator, document } = scope;
  // A device that is offline still reaches itself.
  const isOffline = () => navigator?.onLine === false && !isLoopback(host() ?? '');
  const isHidden = () => document?.visibilityState === 'hidden';
  const isHindered = () => isOffline() || (isHidden() && whileHidden === 'wait');
  return {
    isHindered,
    watch(tell) {
      const online = () => tell(isHindered() ? 'hindered' : 'encouraged');
      const offline = () => {
        if (isHindered()) tell('hindered');
      };
      const shownOrHidden = () => (isHidden() ? offline() : online());
      scope.addEventListener('online', online);
      scope.addEventListener('offline', offline);
      document?.addEventListener('visibilitychange', shownOrHidden);
      return () => {
        scope.removeEventListener('online', online);
        scope.removeEventListener('offline', offline);
        document?.removeEventListener('visibilitychange', shownOrHidden);
      };
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
