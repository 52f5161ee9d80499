import { pagePaths } from '../console-messages.ts';
import { mayDo, useSession } from '../shared/session.tsx';
import { HistoryCard } from './history-card.tsx';
import { MembersCard } from './members-card.tsx';
import { PublishCard } from './publish-card.tsx';

/** One channel: who is in it, what was published, and what somebody wants to publish now. */
export function ChannelPage({ channel }: { channel: string }) {
  const session = useSession();
  const isPrefix = channel.endsWith(':*');
  return (
    <main class="operate channels">
      <header class="channel-head">
        <a href={pagePaths.channels}>All channels</a>
        <h1 data-testid="channel-name">{channel}</h1>
        {isPrefix && <p class="hint">Whoever is subscribed to all channels that begin so. It has no history.</p>}
      </header>
      <div class="channel-columns">
        <div>
          {!isPrefix && <PublishCard channel={channel} isAllowed={mayDo(session, 'publish')} />}
          <MembersCard channel={channel} />
        </div>
        {!isPrefix && <HistoryCard channel={channel} />}
      </div>
    </main>
  );
}
