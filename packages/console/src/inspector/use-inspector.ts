import type { InspectorMessage, Order } from '@tidewire/inspector/recording';
import { useEffect, useRef, useState } from 'preact/hooks';
import { refreshAbout } from '../shared/about.ts';
import { codecs } from './codecs.ts';
import { InspectorLink, type LinkState, OrderError } from './link.ts';
import { Decoding } from './store/decoding.ts';
import type { Entry } from './store/entry.ts';
import { InspectorStore } from './store/store.ts';
import { Viewing } from './store/viewing.ts';

/** Of a frame, in milliseconds: what is left of it is for drawing. */
const WORK = 8;

export interface Notice {
  readonly text: string;
  readonly isError: boolean;
}

/** All that the parts of the page share. The objects stay the same; the page is drawn when what they hold has changed. */
export interface Inspector {
  readonly store: InspectorStore;
  readonly viewing: Viewing;
  readonly decoding: Decoding;
  state: LinkState;
  isPaused: boolean;
  /** The `seq` of the message that is looked at. */
  selected: number | undefined;
  isFollowing: boolean;
  notice: Notice | undefined;
  /** Has the page drawn with the next frame. */
  draw(): void;
  /** Asks the inspector; what it refuses is shown. @returns its answer, or `undefined` if it refused */
  order(order: Order): Promise<Extract<InspectorMessage, { type: 'done' }> | undefined>;
  select(entry: Entry | undefined): void;
  look(scope: number | undefined): void;
  pause(isPaused: boolean): void;
  say(text: string, isError?: boolean): void;
}

/** The state of the page, drawn at most once in a frame. */
export function useInspector(problem: string | undefined): Inspector {
  const [, setFrame] = useState(0);
  const frame = useRef<number | undefined>(undefined);
  const [inspector] = useState(() => createInspector(draw));

  function draw(): void {
    frame.current ??= requestAnimationFrame(() => {
      frame.current = undefined;
      const startedAt = performance.now();
      setFrame((count) => count + 1);
      if (!inspector.viewing.work(() => performance.now() - startedAt > WORK)) draw();
    });
  }

  useEffect(() => {
    if (problem !== undefined) inspector.say(problem, true);
    begin(inspector);
    return () => {
      inspector.link?.close();
      if (frame.current !== undefined) cancelAnimationFrame(frame.current);
    };
  }, []);
  return inspector;
}

interface Linked extends Inspector {
  link: InspectorLink | undefined;
}

function createInspector(draw: () => void): Linked {
  const store = new InspectorStore();
  const viewing = new Viewing(store, {
    ask: (order) => inspector.link?.order(order) ?? Promise.reject(new OrderError('There is no connection yet')),
    changed: draw,
  });
  const inspector: Linked = {
    store,
    viewing,
    decoding: new Decoding(codecs),
    link: undefined,
    state: 'connecting',
    isPaused: false,
    selected: undefined,
    isFollowing: true,
    notice: undefined,
    draw,
    async order(order) {
      try {
        return await inspector.link?.order(order);
      } catch (error) {
        inspector.say(error instanceof Error ? error.message : String(error), true);
        return undefined;
      }
    },
    select(entry) {
      inspector.selected = entry?.message.seq;
      draw();
    },
    look(scope) {
      viewing.look(scope);
      inspector.selected = undefined;
      inspector.isFollowing = true;
      draw();
    },
    pause(isPaused) {
      inspector.isPaused = isPaused;
      if (isPaused) void inspector.order({ type: 'pause' });
      else watch(inspector);
      draw();
    },
    say(text, isError = false) {
      inspector.notice = { text, isError };
      draw();
    },
  };
  return inspector;
}

function watch(inspector: Linked): void {
  inspector.store.watched();
  void inspector.order({ type: 'watch', from: inspector.store.nextSeq });
}

function begin(inspector: Linked): void {
  const { store, viewing } = inspector;
  inspector.link = new InspectorLink({
    opened: () => {
      // What could not be looked for without a connection can be now.
      if (viewing.filterProblem !== undefined || viewing.findProblem !== undefined) viewing.begin();
      if (!inspector.isPaused) watch(inspector);
    },
    message(message) {
      const isSame = store.take(message);
      if (!isSame || message.type === 'cleared') {
        inspector.selected = undefined;
        viewing.beginAnew();
      }
      if (!isSame) watch(inspector);
      inspector.draw();
    },
    changed(state) {
      inspector.state = state;
      inspector.draw();
      // The session may have ended meanwhile: a page is not told why its WebSocket was refused.
      if (state === 'lost') void refreshAbout();
    },
  });
}
