import type { TableProfile } from '@lockstep/data';
import { describe, expect, it } from 'vitest';
import { profilePage } from './profile-page.js';
import { profileText } from './profile-text.js';

const HOSTILE = `<script>alert("1")</script>&'\u001b[31m`;

const PROFILE: TableProfile = {
  ...{ name: HOSTILE, rowCount: 3, sampleRows: 3, duplicateRows: { rows: 1, isExact: true } },
  columns: [
    {
      ...{ name: HOSTILE, type: 'number', problem: '', missing: 1, distinct: 2 },
      numbers: { minimum: 0, maximum: 1, mean: 0.5, deviation: 0.5, quantiles: [0, 0, 0.5, 1, 1] },
      bars: [{ label: HOSTILE, rows: 2 }],
    },
    {
      name: 'b',
      type: 'text',
      problem: '',
      missing: 0,
      distinct: 1,
      numbers: null,
      bars: [{ label: HOSTILE, rows: 3 }],
    },
  ],
  label: HOSTILE,
  classes: [{ label: HOSTILE, rows: 3 }],
  associations: [{ left: HOSTILE, right: HOSTILE, measure: 'pearson', value: 1 }],
  findings: [{ kind: 'constant', column: HOSTILE, message: HOSTILE, fix: HOSTILE, yaml: HOSTILE }],
  warnings: [HOSTILE],
};

describe('the page of a profile', () => {
  const page = profilePage(PROFILE);

  it('escapes everything that comes from the table', () => {
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toContain(String.fromCharCode(27));
    expect(
      page.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/g)?.length,
    ).toBeGreaterThanOrEqual(10);
  });

  it('asks for nothing and forbids to', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/(src|href|action|data)=|url\(|@import|https?:/i);
  });
});

describe('the text of a profile', () => {
  it('lets no control character through to the terminal but its own', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const own = profileText(PROFILE).replace(/\u001b\[(1|22)m/g, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(own).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('says so where nothing stands out', () => {
    expect(profileText({ ...PROFILE, findings: [] })).toContain('Nothing stands out.');
  });
});
