import { useEffect } from 'preact/hooks';
import { Poller } from './poller.ts';

/** Asks once in a while as long as the page is looked at, and `isOn`. @param interval milliseconds */
export function usePoller(ask: () => Promise<boolean>, interval: number, isOn = true): void {
  useEffect(() => {
    if (!isOn) return;
    const poller = new Poller({ ask, interval });
    const look = () => {
      if (document.hidden) poller.stop();
      else poller.start();
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      poller.stop();
    };
  }, [isOn]);
}
