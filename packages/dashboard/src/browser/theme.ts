/** Light or dark: as the system has it, or as somebody chose here. */

/** What may be chosen. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'lockstep-theme';
/** Told to everything that draws with colours of its own. */
const CHANGED = 'themechange';

/** The choice that was kept. */
export function keptTheme(): Theme {
  const kept = storage()?.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Shows a theme and keeps it. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') storage()?.removeItem(KEY);
  else storage()?.setItem(KEY, theme);
  showTheme(theme);
}

/** Shows a theme. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event(CHANGED));
}

/** Calls when colours change. @returns ends it */
export function onColours(redraw: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  addEventListener(CHANGED, redraw);
  return () => {
    dark.removeEventListener('change', redraw);
    removeEventListener(CHANGED, redraw);
  };
}

/** Null where the browser keeps nothing. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
