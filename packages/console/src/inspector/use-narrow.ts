import { useEffect, useState } from 'preact/hooks';

/** As in inspector.css. */
const query = '(width < 48rem)';

/** Whether the page is shown as screens, one behind the other, because there is no room for them side by side. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => setNarrow(media.matches);
    media.addEventListener('change', look);
    return () => media.removeEventListener('change', look);
  }, []);
  return isNarrow;
}
