import { useState } from 'preact/hooks';
import type { ConnectionList } from './connection-list.ts';

export function FilterForm({ list }: { list: ConnectionList }) {
  const [user, setUser] = useState(list.filters.user);
  const [channel, setChannel] = useState(list.filters.channel);
  const submit = (event: Event) => {
    event.preventDefault();
    void list.filter({ ...list.filters, user: user.trim(), channel: channel.trim() });
  };
  const { node, isSlow } = list.filters;
  return (
    <search>
      <form class="filters" onSubmit={submit}>
        <label>
          User
          <input
            type="text"
            data-testid="user"
            value={user}
            placeholder="all"
            onInput={({ currentTarget }) => setUser(currentTarget.value)}
          />
        </label>
        <label>
          Channel
          <input
            type="text"
            data-testid="channel"
            value={channel}
            placeholder="any"
            onInput={({ currentTarget }) => setChannel(currentTarget.value)}
          />
        </label>
        {list.nodes.length > 1 && (
          <label>
            Node
            <select
              data-testid="node"
              value={node}
              onChange={({ currentTarget }) => void list.filter({ ...list.filters, node: currentTarget.value })}
            >
              <option value="">all</option>
              {list.nodes.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name || 'unnamed'} {id.slice(0, 8)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            data-testid="slow"
            checked={isSlow}
            onChange={({ currentTarget }) => void list.filter({ ...list.filters, isSlow: currentTarget.checked })}
          />
          Slow only
        </label>
        <button type="submit" class="primary" data-testid="search">
          Search
        </button>
      </form>
    </search>
  );
}
