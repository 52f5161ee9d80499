import { useEffect, useRef, useState } from 'preact/hooks';
import { FIND } from './filter-bar.tsx';

const SETTING = 'tidewire-inspector-shortcuts';

interface Actions {
  /** While a window is open over the page. */
  readonly isOff: boolean;
  escape(): void;
  pause(): void;
  help(): void;
  /** Before the field gets the focus. */
  find(): void;
}

export interface Shortcuts {
  readonly areOn: boolean;
  turn(areOn: boolean): void;
}

/** The keys that work anywhere on the page. Those of one character can be turned off, for who speaks to the computer. */
export function useShortcuts(actions: Actions): Shortcuts {
  const [areOn, setOn] = useState(() => readSetting());
  const latest = useRef({ actions, areOn });
  latest.current = { actions, areOn };

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { current } = latest;
      if (current.actions.isOff || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === 'Escape') current.actions.escape();
      else if (!current.areOn || isTyping(event.target)) return;
      else if (event.key === 'p') current.actions.pause();
      else if (event.key === '?') current.actions.help();
      else if (event.key === '/') {
        current.actions.find();
        // At once, so that nothing is lost of what is typed next; unless the screen that has it must be shown first.
        if (!focusFind()) requestAnimationFrame(focusFind);
      } else return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);

  return {
    areOn,
    turn(isOn) {
      setOn(isOn);
      try {
        localStorage.setItem(SETTING, isOn ? 'on' : 'off');
      } catch {
        // Then it holds until the page is left.
      }
    },
  };
}

function readSetting(): boolean {
  try {
    return localStorage.getItem(SETTING) !== 'off';
  } catch {
    return true;
  }
}

/** @returns whether it could be done */
function focusFind(): boolean {
  document.getElementById(FIND)?.focus();
  return document.activeElement?.id === FIND;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=checkbox]), textarea, select') !== null;
}
