/** What a screen reader says while somebody is elsewhere on the page. */

/** So long a region has to be empty that the same text counts as new. */
const EMPTY_MS = 100;

let timer: ReturnType<typeof setTimeout> | undefined;
/** What is not said yet. */
let waiting: string[] = [];

/** Says a sentence, politely, also one that was said before; several at once one after another. */
export function announce(text: string): void {
  const region = document.getElementById('announcer');
  if (!region) return;
  region.textContent = '';
  if (!waiting.includes(text)) waiting.push(text);
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = waiting.join('. ');
    waiting = [];
  }, EMPTY_MS);
}
