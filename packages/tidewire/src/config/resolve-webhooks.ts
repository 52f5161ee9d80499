import { createWebhooks, type WebhookOptions } from '@tidewire/hub';
import type { ConfigFiles } from './files.ts';
import type { KeyPath } from './outline.ts';
import type { Config } from './schema.ts';

/** How the application is asked, with the secrets of the files. Names the secret that is wrong, and a question without a place. */
export function webhookOptions({ webhooks, namespaces }: Config, files: ConfigFiles): WebhookOptions | undefined {
  checkQuestions(namespaces, webhooks?.urls, files);
  if (webhooks === undefined) return undefined;
  const { urls, timeout, maxConnections, maxPending, maxAttempts, maxAge, forwardedHeaders } = webhooks;
  const path = ['webhooks'];
  const secrets = [
    ...webhooks.secrets.map((secret, index) => ({ at: [...path, 'secrets', index], secret })),
    ...webhooks.secretFiles.flatMap((name, index) => {
      const at = [...path, 'secretFiles', index];
      const secret = files.text(at, name);
      return secret === undefined ? [] : [{ at, secret }];
    }),
  ];
  const ca = files.text([...path, 'ca'], webhooks.ca);
  const options = { urls, timeout, maxConnections, maxPending, notices: { maxAttempts, maxAge }, forwardedHeaders, ca };
  for (const { at, secret } of secrets) tryWebhooks(at, { ...options, secrets: [secret] }, files);
  if (webhooks.secrets.length + webhooks.secretFiles.length === 0) {
    files.complain(path, 'has no secret: it must have secrets or secretFiles');
  }
  return { ...options, secrets: secrets.map(({ secret }) => secret) };
}

/** Who asks where nobody answers lets nobody in: that is said in another word. */
function checkQuestions(namespaces: Config['namespaces'], urls: Partial<Urls> = {}, files: ConfigFiles): void {
  for (const [name, options] of Object.entries(namespaces)) {
    const asks = [
      ['subscribe', 'subscribe'],
      ['subscribePrefix', 'subscribe'],
      ['publish', 'publish'],
    ] as const;
    for (const [key, question] of asks) {
      if (options[key] !== 'ask' || urls[question] !== undefined) continue;
      files.complain(['namespaces', name, key], `cannot be ask without webhooks.urls.${question}`);
    }
  }
}

type Urls = NonNullable<Config['webhooks']>['urls'];

function tryWebhooks(path: KeyPath, options: WebhookOptions, files: ConfigFiles): void {
  try {
    void createWebhooks(options).stop(0);
  } catch (error) {
    files.complain(path, (error instanceof Error ? error.message : String(error)).replace(/^secrets\[0\] /, ''));
  }
}
