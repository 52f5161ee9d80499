import { showPage } from '../shared/page.tsx';
import { useSession } from '../shared/session.tsx';

function InspectorPage() {
  const { name } = useSession();
  return (
    <main class="inspector">
      <section class="card">
        <h1>Inspector</h1>
        <p>
          You are logged in with the key <strong data-testid="key-name">{name}</strong>.
        </p>
      </section>
    </main>
  );
}

showPage('inspector', <InspectorPage />);
