import type { Watch } from './watch.ts';
import { worriesOf } from './worries.ts';

/** Whether all is well, in a sentence for each thing that is not. */
export function Standing({ watch }: { watch: Watch }) {
  const worries = worriesOf(watch);
  const isKnown = watch.answeredAt !== undefined || watch.trouble !== undefined;
  return (
    <div role="status" data-testid="standing">
      {isKnown && worries.length === 0 && <p class="good-news">All nodes answer and are ready.</p>}
      {worries.map((worry) => (
        <p key={worry} class="worry">
          {worry}
        </p>
      ))}
    </div>
  );
}
