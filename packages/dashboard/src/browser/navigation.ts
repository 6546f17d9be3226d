/** The address as state of the page: links inside it load nothing. */
import { useEffect, useState } from 'preact/hooks';
import { type Route, routeOf } from '../core/route.js';

/** The route of the address, now and after each change. */
export function useRoute(): Route {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    let shown = location.pathname;
    const onMove = (): void => {
      if (location.pathname === shown) return;
      shown = location.pathname;
      setPath(shown);
      // Whoever reads with ears or keys begins at the new content.
      requestAnimationFrame(() => document.getElementById('content')?.focus({ preventScroll: true }));
    };
    const onClick = (event: MouseEvent): void => {
      const link = (event.target as Element | null)?.closest('a');
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !isPlain || link.origin !== location.origin || link.hash) return;
      event.preventDefault();
      if (link.pathname === location.pathname) return;
      history.pushState(null, '', link.pathname);
      onMove();
      scrollTo(0, 0);
    };
    addEventListener('popstate', onMove);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', onMove);
      document.removeEventListener('click', onClick);
    };
  }, []);
  return routeOf(path);
}
