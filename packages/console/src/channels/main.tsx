import { showPage } from '../shared/page.tsx';
import { useSession } from '../shared/session.tsx';

function ChannelsPage() {
  const { name } = useSession();
  return (
    <main class="channels">
      <section class="card">
        <h1>Channels</h1>
        <p>
          You are logged in with the key <strong data-testid="key-name">{name}</strong>.
        </p>
      </section>
    </main>
  );
}

showPage('channels', <ChannelsPage />);
