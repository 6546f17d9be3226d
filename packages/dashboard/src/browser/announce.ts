/** What a screen reader says while somebody is elsewhere on the page. */

/** Says a sentence, politely. */
export function announce(text: string): void {
  const region = document.getElementById('announcer');
  if (region && region.textContent !== text) region.textContent = text;
}
