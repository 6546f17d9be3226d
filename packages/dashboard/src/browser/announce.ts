/** What a screen reader says while somebody is elsewhere on the page. */

/** So long a region has to be empty that the same text counts as new. */
const EMPTY_MS = 100;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Says a sentence, politely, also one that was said before. */
export function announce(text: string): void {
  const region = document.getElementById('announcer');
  if (!region) return;
  region.textContent = '';
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = text;
  }, EMPTY_MS);
}
