import './theme.css';
import './controls.css';
import './connection.css';
import './shell.css';
import { type ComponentChildren, render } from 'preact';
import { type ConsolePage, isForOperators } from '../console-messages.ts';
import { watchAbout } from './about.ts';
import { ForSession, SessionEnded } from './session.tsx';
import { SiteHeader } from './site-header.tsx';

/** Puts a page on the screen: the header that all pages have, and `content` below it, which has a `main`. */
export function showPage(page: ConsolePage | 'login', content: ComponentChildren): void {
  const app = document.getElementById('app');
  if (app === null) throw new Error('The page has no element with the id app');
  const needsLogin = page !== 'login' && isForOperators(page);
  watchAbout();
  render(
    <>
      <button type="button" class="skip-link" onClick={skip}>
        Skip to the content
      </button>
      <SiteHeader page={page} />
      {needsLogin && <SessionEnded />}
      {needsLogin ? <ForSession>{content}</ForSession> : content}
    </>,
    app,
  );
}

/** No link to a fragment: that is the room, in the chat. */
function skip(): void {
  const main = document.querySelector('main');
  if (main === null) return;
  main.tabIndex = -1;
  main.focus();
}
