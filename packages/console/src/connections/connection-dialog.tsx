import { useEffect, useState } from 'preact/hooks';
import { ConfirmDialog } from '../operate/confirm-dialog.tsx';
import { takeOut } from '../operate/farewell.ts';
import { FarewellDialog } from '../operate/farewell-dialog.tsx';
import { channelLink } from '../operate/links.ts';
import { ask } from '../operate/page-ask.ts';
import { formatSince } from '../operate/since.ts';
import { useStore } from '../operate/use-store.ts';
import type { ConnectionDetails, Whom } from '../operate-messages.ts';
import { Dialog } from '../shared/dialog.tsx';
import { formatSize, formatTime } from '../shared/format.ts';
import { JsonTree } from '../shared/json-tree.tsx';
import { mayDo, useSession } from '../shared/session.tsx';
import { OneConnection } from './one-connection.ts';

interface ConnectionDialogProps {
  readonly client: string;
  readonly onClose: () => void;
  /** Something was done to it. */
  readonly onChanged: () => void;
}

/** All about one client, and what can be done to it. */
export function ConnectionDialog({ client, onClose, onChanged }: ConnectionDialogProps) {
  const session = useSession();
  const one = useStore(() => new OneConnection(ask, client));
  const [asking, setAsking] = useState<Whom | { readonly channel: string }>();
  const [done, setDone] = useState('');
  useEffect(() => void one.load(), []);
  const { details, isGone, trouble } = one;
  const finish = (what: string) => {
    setAsking(undefined);
    setDone(what);
    onChanged();
    void one.load();
  };
  const mayDisconnect = mayDo(session, 'disconnect');
  return (
    <Dialog title="Connection" onClose={onClose}>
      <p>
        <code data-testid="client">{client}</code>
      </p>
      <div role="status">
        {done !== '' && <p class="done">{done}</p>}
        {trouble !== undefined && <p class="worry">{trouble.text}</p>}
        {isGone && done === '' && <p class="worry">It is not connected any more.</p>}
      </div>
      {details !== undefined && <Facts details={details} />}
      {details !== undefined && (
        <Subscriptions
          details={details}
          onLeave={isGone || !mayDo(session, 'unsubscribe') ? undefined : (channel) => setAsking({ channel })}
        />
      )}
      <div class="form-actions">
        {!isGone && (
          <button
            type="button"
            class="danger"
            data-testid="disconnect"
            disabled={!mayDisconnect}
            onClick={() => setAsking({ client })}
          >
            Disconnect…
          </button>
        )}
        {details !== undefined && details.user !== '' && (
          <button
            type="button"
            class="danger"
            data-testid="disconnect-user"
            disabled={!mayDisconnect}
            onClick={() => setAsking({ user: details.user })}
          >
            Disconnect the user…
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {!mayDisconnect && (
        <p class="not-allowed">
          Not allowed: your key is not for <code>disconnect</code>.
        </p>
      )}
      {asking !== undefined && 'channel' in asking && (
        <ConfirmDialog
          title={`Take it out of ${asking.channel}?`}
          text="It is told that its subscription has ended, and does not come back by itself."
          verb="Unsubscribe"
          act={() => takeOut(ask, { client }, asking.channel)}
          onClose={() => setAsking(undefined)}
          onDone={finish}
        />
      )}
      {asking !== undefined && !('channel' in asking) && (
        <FarewellDialog ask={ask} whom={asking} onClose={() => setAsking(undefined)} onDone={finish} />
      )}
    </Dialog>
  );
}

function Facts({ details }: { details: ConnectionDetails }) {
  const { user, since, address, transport, dialect, node, waitingBytes, waitingMessages, isSlow } = details;
  return (
    <dl class="facts">
      <dt>User</dt>
      <dd>{user || 'nobody in particular'}</dd>
      <dt>Connected</dt>
      <dd>
        for {formatSince(since, Date.now())}, since {formatTime(since).slice(0, 8)}
      </dd>
      <dt>From</dt>
      <dd>{address ?? 'not known'}</dd>
      <dt>By</dt>
      <dd>
        {transport}, {dialect}
      </dd>
      <dt>Node</dt>
      <dd>
        <code>{node}</code>
      </dd>
      <dt>Waiting</dt>
      <dd>
        {formatSize(waitingBytes)}, {waitingMessages} messages {isSlow && <span class="state-badge bad">slow</span>}
      </dd>
      {details.connectionInfo !== undefined && (
        <>
          <dt>Info</dt>
          <dd>
            <JsonTree value={details.connectionInfo} />
          </dd>
        </>
      )}
    </dl>
  );
}

interface SubscriptionsProps {
  readonly details: ConnectionDetails;
  /** `undefined` if that may not be. */
  readonly onLeave: ((channel: string) => void) | undefined;
}

/** So many are shown at first. */
const SHOWN = 20;

function Subscriptions({ details: { subscriptions, channels }, onLeave }: SubscriptionsProps) {
  const [shown, setShown] = useState(SHOWN);
  if (channels === 0) return <p class="hint">It is in no channel.</p>;
  return (
    <section aria-labelledby="subscriptions">
      <h3 id="subscriptions">{channels === 1 ? 'One channel' : `${channels.toLocaleString('en')} channels`}</h3>
      <ul class="subscriptions">
        {subscriptions.slice(0, shown).map(({ channel }) => (
          <li key={channel}>
            <a href={channelLink(channel)}>{channel}</a>
            {onLeave !== undefined && (
              <button
                type="button"
                class="small"
                aria-label={`Unsubscribe from ${channel}`}
                onClick={() => onLeave(channel)}
              >
                Unsubscribe…
              </button>
            )}
          </li>
        ))}
      </ul>
      {subscriptions.length > shown && (
        <button type="button" class="small" onClick={() => setShown(shown + 100)}>
          More
        </button>
      )}
    </section>
  );
}
