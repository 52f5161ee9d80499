import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import { LOGIN_PATH, type Session } from '../console-messages.ts';
import { useAbout } from './about.ts';
import { KeyAdvice } from './key-advice.tsx';

// The pages for who runs the service are shown to who has logged in.

const SessionContext = createContext<Session | undefined>(undefined);

/** Who has logged in, on a page for which one must have. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession is for what is shown to who has logged in');
  return session;
}

/** Whether the session is for this operation of the server API. */
export function mayDo({ operations }: Session, operation: string): boolean {
  return operations === undefined || operations.includes(operation);
}

/** Where one logs in and comes back here from. */
export function loginHere(): string {
  const { pathname, search, hash } = location;
  return `${LOGIN_PATH}?to=${encodeURIComponent(pathname + search + hash)}`;
}

/** Shows `children` to who has logged in, and sends everybody else to log in. */
export function ForSession({ children }: { children: ComponentChildren }) {
  const { about: latest, isFresh, isOut, ended } = useAbout();
  const about = isFresh ? latest : undefined;
  // Whoever was logged in still sees what was there: SessionEnded says how it is.
  const session = about?.session ?? ended;
  const mustLogIn = about !== undefined && session === undefined && about.canLogIn;
  useEffect(() => {
    if (mustLogIn) location.replace(loginHere());
  }, [mustLogIn]);

  if (session !== undefined) return <SessionContext value={session}>{children}</SessionContext>;
  if (about === undefined) return <main aria-busy={!isOut}>{isOut && <NoAnswer />}</main>;
  return <main class="narrow">{about.canLogIn ? undefined : <KeyAdvice />}</main>;
}

function NoAnswer() {
  return (
    <section class="card" role="alert">
      <h1>The service does not answer</h1>
      <p>It may be starting again. Load the page anew in a moment.</p>
    </section>
  );
}

/** Says that the session has ended while the page was open. */
export function SessionEnded() {
  const { ended } = useAbout();
  return (
    <div role="alert">
      {ended !== undefined && (
        <p class="session-ended" data-testid="session-ended">
          Your session as <strong>{ended.name}</strong> has ended. What you see may be old, and nothing can be changed.{' '}
          <a href={loginHere()}>Log in again</a>
        </p>
      )}
    </div>
  );
}
