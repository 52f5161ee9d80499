import './login.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pagePaths } from '../console-messages.ts';
import { logIn, useAbout } from '../shared/about.ts';
import { KeyAdvice } from '../shared/key-advice.tsx';
import { showPage } from '../shared/page.tsx';
import { targetOf } from './target.ts';

function LoginPage() {
  const { about: latest, isFresh, isOut } = useAbout();
  const about = isFresh ? latest : undefined;
  const first = about?.needLogin[0];
  const target = targetOf(location.search, location.origin, first === undefined ? '/' : pagePaths[first]);
  const hasSession = about?.session !== undefined;
  useEffect(() => {
    if (hasSession) location.replace(target);
  }, [hasSession, target]);
  return (
    <main class="narrow login" aria-busy={about === undefined && !isOut}>
      {about?.canLogIn === false ? <KeyAdvice /> : <LoginForm onDone={() => location.replace(target)} />}
    </main>
  );
}

function LoginForm({ onDone }: { onDone: () => void }) {
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const enter = async (key: string) => {
    setBusy(true);
    const wrong = key === '' ? 'Type the key, or paste it.' : await logIn({ key });
    setBusy(false);
    if (wrong === undefined) return onDone();
    setError(wrong);
    field.current?.focus();
    field.current?.select();
  };

  useEffect(() => {
    field.current?.focus();
    const key = takeKeyFromLink();
    if (key !== undefined) void enter(key);
  }, []);

  const submit = (event: Event) => {
    event.preventDefault();
    if (!isBusy) void enter(field.current?.value.trim() ?? '');
  };

  const attributes = {
    id: 'key',
    ref: field,
    name: 'key',
    'data-testid': 'key',
    autocomplete: 'current-password',
    autocapitalize: 'off',
    spellcheck: false,
    required: true,
    'aria-invalid': error !== undefined,
    'aria-describedby': 'key-error',
  } as const;

  return (
    <section class="card">
      <h1>Log in</h1>
      {new URLSearchParams(location.search).has('out') && <p role="status">You are logged out.</p>}
      <p class="muted">The pages for who runs this service are open to its keys, those of the server API.</p>
      <form onSubmit={submit} noValidate>
        {/* Password managers ask for a name. */}
        <input type="text" name="username" autocomplete="username" value="tidewire" hidden readOnly />
        <label for="key">Key</label>
        {isShown ? <input type="text" {...attributes} /> : <input type="password" {...attributes} />}
        <label class="check">
          <input type="checkbox" checked={isShown} onChange={({ currentTarget }) => setShown(currentTarget.checked)} />
          Show the key
        </label>
        <p id="key-error" class="error" role="alert" data-testid="login-error">
          {error}
        </p>
        <button type="submit" class="primary" data-testid="login" aria-disabled={isBusy}>
          Log in
        </button>
      </form>
    </section>
  );
}

/** A program that opens the browser may put its key into the fragment, which goes to no server and into no log. */
function takeKeyFromLink(): string | undefined {
  const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? undefined;
  if (key !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

showPage('login', <LoginPage />);
