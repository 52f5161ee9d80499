import { showPage } from '../shared/page.tsx';
import { useSession } from '../shared/session.tsx';

function OverviewPage() {
  const { name } = useSession();
  return (
    <main class="overview">
      <section class="card">
        <h1>Overview</h1>
        <p>
          You are logged in with the key <strong data-testid="key-name">{name}</strong>.
        </p>
      </section>
    </main>
  );
}

showPage('overview', <OverviewPage />);
