import { useEffect, useRef, useState } from 'preact/hooks';
import { type ConsolePage, isForOperators, pagePaths } from '../console-messages.ts';
import { logOut, refreshAbout, useAbout } from './about.ts';
import icon from './icon.svg';
import { loginHere } from './session.tsx';

const titles: Readonly<Record<ConsolePage, string>> = {
  home: 'Home',
  echo: 'Echo',
  chat: 'Chat',
  race: 'Race',
  overview: 'Overview',
  channels: 'Channels',
  connections: 'Connections',
  inspector: 'Inspector',
};

interface CurrentPage {
  readonly page: ConsolePage | 'login';
}

/** On every page: where one can go, which of it this is, and who is logged in. */
export function SiteHeader({ page }: CurrentPage) {
  const { about } = useAbout();
  const [isOpen, setOpen] = useState(false);
  const header = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useClosing(header, isOpen, (byKeyboard) => {
    setOpen(false);
    if (byKeyboard) button.current?.focus();
  });
  const [first = 'home'] = about?.pages ?? [];
  return (
    <header class="site-header" ref={header}>
      <a class="brand" href={pagePaths[first]} aria-current={page === first ? 'page' : undefined}>
        <img src={icon} alt="" width="28" height="28" />
        Tidewire
      </a>
      <button
        type="button"
        ref={button}
        class="small menu-button"
        data-testid="menu"
        aria-expanded={isOpen}
        aria-controls="site-menu"
        onClick={() => setOpen(!isOpen)}
      >
        Menu
      </button>
      <div id="site-menu" class={isOpen ? 'site-menu open' : 'site-menu'}>
        <nav aria-label="Pages">
          <PageLinks title="Try" page={page} pages={about?.pages.filter((each) => !isForOperators(each)) ?? []} />
          <PageLinks title="Operate" page={page} pages={about?.pages.filter(isForOperators) ?? []} />
        </nav>
        <Account page={page} />
      </div>
    </header>
  );
}

function PageLinks({ title, page, pages }: CurrentPage & { title: string; pages: readonly ConsolePage[] }) {
  // The name of the service leads home.
  const shown = pages.filter((each) => each !== 'home');
  if (shown.length === 0) return null;
  const id = `pages-${title.toLowerCase()}`;
  return (
    <div class="page-links">
      <span id={id} class="page-links-title">
        {title}
      </span>
      <ul aria-labelledby={id}>
        {shown.map((each) => (
          <li key={each}>
            <a href={pagePaths[each]} aria-current={each === page ? 'page' : undefined}>
              {titles[each]}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Account({ page }: CurrentPage) {
  const { about } = useAbout();
  const [trouble, setTrouble] = useState(false);
  if (about === undefined || about.needLogin.length === 0 || page === 'login') return null;
  const { session } = about;
  if (session === undefined) {
    return about.canLogIn ? (
      <a class="account-link" href={page === 'home' ? '/console/login' : loginHere()} data-testid="login-link">
        Log in
      </a>
    ) : null;
  }
  const leave = async () => {
    if (!(await logOut())) return setTrouble(true);
    if (about.needLogin.some((each) => each === page)) location.assign('/console/login?out');
    else await refreshAbout();
  };
  return (
    <div class="account">
      <span class="account-name" title={`Logged in with the key ${session.name}`}>
        <span class="visually-hidden">Logged in with the key </span>
        {session.name}
      </span>
      <button type="button" class="small" data-testid="logout" onClick={leave}>
        Log out
      </button>
      <span role="status" class="error">
        {trouble && 'The service does not answer.'}
      </span>
    </div>
  );
}

/** Calls `close` when the menu is left: by Escape, by a click elsewhere, or by the focus going elsewhere. */
function useClosing(
  header: { current: HTMLElement | null },
  isOpen: boolean,
  close: (byKeyboard: boolean) => void,
): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!isOpen) return;
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') latest.current(true);
    };
    const onElsewhere = ({ target }: Event) => {
      if (target instanceof Node && header.current?.contains(target) === false) latest.current(false);
    };
    document.addEventListener('keydown', onKey);
    for (const name of ['pointerdown', 'focusin']) document.addEventListener(name, onElsewhere);
    return () => {
      document.removeEventListener('keydown', onKey);
      for (const name of ['pointerdown', 'focusin']) document.removeEventListener(name, onElsewhere);
    };
  }, [header, isOpen]);
}
