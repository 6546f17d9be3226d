/** Where the time of a run's steps went: a bar of phases for each process, and the same as a table. */
import { counted } from './counted.js';
import { escaped, head, rowHead, section } from './page.js';
import { formatNumber } from './progress.js';

/** Processes that are drawn and listed. */
const MAX_PROCESSES = 40;
/** Share of the longest bar from which on a phase has its name in it. */
const NAMED_FROM = 0.2;
/** Phases in the order in which they are drawn, each with a colour of its own. */
const PHASES = ['parameters', 'compute', 'send', 'reduce', 'update', 'broadcast'];
/** Within the coordinator's compute, so no part of the bar beside it. */
const WITHIN = 'command';

/** Styles of the bars, for the page that has them. */
export const PHASE_STYLE = `
:root { --c5: #5a6472; } @media (prefers-color-scheme: dark) { :root { --c5: #a9b4c0; } }
.bars { max-width: 60rem; overflow-wrap: anywhere; } .bars p { margin: .5rem 0 .15rem; }
.stack { display: flex; height: 1.5rem; } .stack span { min-width: 0; overflow: hidden; padding-left: .4em; box-sizing: border-box; font-size: .8em; line-height: 1.5rem; color: var(--page); border-right: 1px solid var(--page); }
.stack .thin { padding: 0; } .key { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
${PHASES.map((_, index) => `.k${index} { background: var(--c${index}); }`).join(' ')}
`;

/** Seconds of all steps of a process by phase. */
export interface ProcessTime {
  /** "coordinator" or a worker's id. */
  readonly process: string;
  readonly steps: number;
  readonly phaseSeconds: Readonly<Record<string, number>>;
}

/** HTML; nothing where nothing was measured. */
export function phaseParts(times: readonly ProcessTime[]): readonly string[] {
  const shown = times.slice(0, MAX_PROCESSES);
  const longest = Math.max(0, ...shown.map(total));
  if (longest === 0) return [];
  const used = PHASES.filter((phase) => shown.some((time) => secondsOf(time, phase) > 0));
  const left = times.length - shown.length;
  return [
    '<h2>Where the time went</h2>',
    `<p class="soft">Seconds of all steps. The coordinator’s compute is its wait for the workers’ lanes; ${WITHIN} is a part of it.${left > 0 ? ` ${left} more workers are not shown.` : ''}</p>`,
    `<figure>${drawing(shown, longest)}${legend(used)}</figure>`,
    table(shown, used),
  ];
}

function drawing(times: readonly ProcessTime[], longest: number): string {
  const rows = times.map((time) => {
    const all = total(time);
    const parts = partsOf(time).map(([phase, value]) => {
      const isNamed = value / longest >= NAMED_FROM;
      const kind = `k${PHASES.indexOf(phase)}${isNamed ? '' : ' thin'}`;
      return `<span class="${kind}" style="width: ${percent(value / all)}">${isNamed ? phase : ''}</span>`;
    });
    const bar = `<div class="stack" style="width: ${percent(all / longest)}">${parts.join('')}</div>`;
    return `<p>${escaped(time.process)}, ${seconds(all)} s</p>${bar}`;
  });
  const words = times.map((time) => {
    const parts = partsOf(time).map(([phase, value]) => `${phase} ${seconds(value)}`);
    return `${time.process}: ${parts.join(', ')}`;
  });
  const label = `Seconds of each process by phase. ${words.join('; ')}`;
  return `<div class="bars" role="img" aria-label="${escaped(label)}">${rows.join('')}</div>`;
}

/** Phases that took any time, with their seconds. */
function partsOf(time: ProcessTime): readonly (readonly [string, number])[] {
  return PHASES.map((phase) => [phase, secondsOf(time, phase)] as const).filter(([, value]) => value > 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function legend(phases: readonly string[]): string {
  const items = phases.map((phase) => `<li><span class="key k${PHASES.indexOf(phase)}"></span>${phase}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

function table(times: readonly ProcessTime[], used: readonly string[]): string {
  const names = [...used, WITHIN];
  const rows = times.map((time) => {
    const cells = names.map((phase) => {
      const value = secondsOf(time, phase);
      return `<td class="n">${value > 0 ? `${seconds(value)} (${Math.round((value / total(time)) * 100)} %)` : ''}</td>`;
    });
    return `<tr>${rowHead(time.process)}<td class="n">${counted(time.steps, 'step')}</td>${cells.join('')}</tr>`;
  });
  const heads = head(['process', 'steps', ...names], names.length + 1);
  return section('phases', 'Seconds by phase', `${heads}<tbody>${rows.join('')}</tbody>`);
}

function total(time: ProcessTime): number {
  return PHASES.reduce((sum, phase) => sum + secondsOf(time, phase), 0);
}

function secondsOf({ phaseSeconds }: ProcessTime, phase: string): number {
  return phaseSeconds[phase] ?? 0;
}

function seconds(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}
