/** Starts the page. */
import { render } from 'preact';
import { keptTheme, showTheme } from './browser/theme.js';
import { App } from './views/app.js';

showTheme(keptTheme());
const place = document.getElementById('app');
if (place) render(<App />, place);
