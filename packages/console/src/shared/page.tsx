import './theme.css';
import './controls.css';
import './connection.css';
import { type ComponentChildren, render } from 'preact';
import icon from './icon.svg';

const links = [
  { href: '/echo', title: 'Echo' },
  { href: '/chat', title: 'Chat' },
  { href: '/race', title: 'Race' },
] as const;

/** Puts a page on the screen: the header that all pages have, and `content` below it. */
export function showPage(path: '/' | '/echo' | '/chat' | '/race', content: ComponentChildren): void {
  const app = document.getElementById('app');
  if (app === null) throw new Error('The page has no element with the id app');
  render(
    <>
      <header class="site-header">
        <a class="brand" href="/" aria-current={path === '/' ? 'page' : undefined}>
          <img src={icon} alt="" width="28" height="28" />
          Tidewire
        </a>
        <nav aria-label="Pages">
          {links.map(({ href, title }) => (
            <a key={href} href={href} aria-current={path === href ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      {content}
    </>,
    app,
  );
}
