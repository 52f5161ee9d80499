import { showPage } from '../shared/page.tsx';
import { useSession } from '../shared/session.tsx';

function ConnectionsPage() {
  const { name } = useSession();
  return (
    <main class="connections">
      <section class="card">
        <h1>Connections</h1>
        <p>
          You are logged in with the key <strong data-testid="key-name">{name}</strong>.
        </p>
      </section>
    </main>
  );
}

showPage('connections', <ConnectionsPage />);
