import { useState } from 'preact/hooks';
import { CopyButton } from './copy-button.tsx';

/** What to do where the service has no key to log in with. */
export function KeyAdvice() {
  const [lines] = useState(() => `api:\n  keys:\n    - { name: me, key: ${randomKey()} }`);
  return (
    <section class="card key-advice" data-testid="key-advice">
      <h1>This service has no key yet</h1>
      <p>
        Whoever runs it logs in with a key of its API. Put these lines into its configuration (this key was made by your
        browser just now), and send it SIGHUP or start it again:
      </p>
      <div class="copyable">
        <pre>{lines}</pre>
        <CopyButton text={lines} label="Copy the lines" />
      </div>
      <p>
        Without a file yet: save them as <code>tidewire.yaml</code>, and start{' '}
        <code>tidewire serve --config tidewire.yaml</code>.
      </p>
    </section>
  );
}

/** 24 bytes, in characters that need no quotes. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
