import { clientLink } from '../operate/links.ts';
import { mayDo, useSession } from '../shared/session.tsx';
import type { MemberRow } from './members.ts';

/** What is to be done to a member. */
export interface Asking {
  readonly what: 'disconnect' | 'unsubscribe';
  readonly client: string;
}

/** Characters of what the application says of a member. */
const LONGEST_INFO = 200;

const verbs = [
  { what: 'unsubscribe', title: 'Unsubscribe', look: 'small' },
  { what: 'disconnect', title: 'Disconnect', look: 'small danger' },
] as const;

interface MemberItemProps {
  readonly row: MemberRow;
  readonly onAsk: (asking: Asking) => void;
}

export function MemberItem({ row: { client, user, info }, onAsk }: MemberItemProps) {
  const session = useSession();
  const short = client.slice(0, 8);
  const who = user === '' ? 'nobody' : user;
  return (
    <li data-testid={`member-${client}`}>
      <div class="member-name">
        <strong>{who}</strong>{' '}
        <a href={clientLink(client)} aria-label={`Connection ${client}`}>
          <code>{short}</code>
        </a>
        {info !== undefined && <code class="hint member-info">{JSON.stringify(info).slice(0, LONGEST_INFO)}</code>}
      </div>
      <div class="row-actions">
        {verbs.map(({ what, title, look }) => {
          const isAllowed = mayDo(session, what);
          return (
            <button
              key={what}
              type="button"
              class={look}
              disabled={!isAllowed}
              title={isAllowed ? undefined : `Not allowed: your key is not for ${what}`}
              aria-label={`${title} ${who}, ${short}`}
              onClick={() => onAsk({ what, client })}
            >
              {title}…
            </button>
          );
        })}
      </div>
    </li>
  );
}
