import { Dialog } from '../shared/dialog.tsx';

const keys = [
  ['↑ ↓', 'the message, or connection, before or after'],
  ['Page ↑ Page ↓', 'a page further'],
  ['Home End', 'the first, the last'],
  ['Enter', 'open what is selected; in the find field, the next hit (with Shift the one before)'],
  ['Esc', 'close the details'],
  ['/', 'find'],
  ['p', 'pause and resume'],
  ['?', 'this help'],
] as const;

interface HelpDialogProps {
  readonly hasShortcuts: boolean;
  readonly onShortcuts: (has: boolean) => void;
  readonly onClose: () => void;
}

export function HelpDialog({ hasShortcuts, onShortcuts, onClose }: HelpDialogProps) {
  return (
    <Dialog title="Help" hasClose onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={hasShortcuts}
          onChange={({ currentTarget }) => onShortcuts(currentTarget.checked)}
        />
        Shortcuts of a single character (/, p, ?)
      </label>
      <dl class="facts">
        <dt>↑ server</dt>
        <dd>from the client to the server</dd>
        <dt>↓ client</dt>
        <dd>from the server to the client</dd>
        <dt>zip, mask</dt>
        <dd>the message came compressed, masked; “3 frames”: in fragments</dd>
        <dt>Length</dt>
        <dd>of the payload, uncompressed; “on the wire” is all of its frames, with their headers</dd>
        <dt>Filter, find</dt>
        <dd>
          look at the first 2 KiB of each message; text whatever its case, regular expressions as JavaScript has them
        </dd>
        <dt>Plots</dt>
        <dd>drag over a part to see the messages of that time alone</dd>
      </dl>
    </Dialog>
  );
}
