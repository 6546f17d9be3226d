/** Light, dark, or as the system has it. */
import { useState } from 'preact/hooks';
import { chooseTheme, keptTheme, type Theme } from '../browser/theme.js';

const CHOICES: readonly { readonly theme: Theme; readonly word: string }[] = [
  { theme: 'system', word: 'System' },
  { theme: 'light', word: 'Light' },
  { theme: 'dark', word: 'Dark' },
];

/** The choice. */
export function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const onChange = (event: { readonly currentTarget: HTMLSelectElement }): void => {
    const chosen = CHOICES.find(({ theme: one }) => one === event.currentTarget.value)?.theme ?? 'system';
    chooseTheme(chosen);
    setTheme(chosen);
  };
  return (
    <select aria-label="Colours" value={theme} onChange={onChange}>
      {CHOICES.map((choice) => (
        <option key={choice.theme} value={choice.theme}>
          {choice.word}
        </option>
      ))}
    </select>
  );
}
