/** Where the time of a step goes, by process: bars, and the same as numbers. */
import { formatPhase } from '../core/format.js';
import { type PhaseRow, phaseNames, rowsOfActivity, rowsOfTimes } from '../core/phases.js';
import type { JobActivity, ProcessTime } from '../core/wire.js';
import { Scroller } from './scroller.js';

/** Colours that there are. */
const COLOURS = 9;

/** Of the newest steps while a job runs, of all once it has ended. */
export function Phases(props: { readonly activity: JobActivity | null; readonly times: readonly ProcessTime[] }) {
  const { activity, times } = props;
  const rows = activity ? rowsOfActivity(activity) : rowsOfTimes(times);
  if (rows.length === 0) return null;
  const names = phaseNames(rows);
  const longest = Math.max(...rows.map(({ seconds }) => seconds), Number.MIN_VALUE);
  const scope = activity ? `the newest ${activity.steps} steps` : 'all steps';
  return (
    <section>
      <h2 id="phases">Where a step's time goes</h2>
      <p class="soft">Means over {scope}. Workers compute at the same time as each other.</p>
      <ul class="legend" aria-hidden="true">
        {names.map((name, index) => (
          <li key={name}>
            <span class={`swatch f${index % COLOURS}`} />
            {name}
          </li>
        ))}
      </ul>
      <Scroller name="Phases">
        <table class="phases" aria-labelledby="phases">
          <thead>
            <tr>
              <th scope="col">Process</th>
              <th scope="col" class="bar-cell">
                <span class="unseen">As a bar</span>
              </th>
              {names.map((name) => (
                <th key={name} scope="col" class="n">
                  {name}
                </th>
              ))}
              <th scope="col" class="n">
                Step
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <PhaseCells key={row.process} row={row} names={names} longest={longest} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}

function PhaseCells(props: { readonly row: PhaseRow; readonly names: readonly string[]; readonly longest: number }) {
  const { row, names, longest } = props;
  const seconds = new Map(row.phases.map(({ name, seconds }) => [name, seconds]));
  let x = 0;
  return (
    <tr>
      <th scope="row">{row.process}</th>
      <td class="bar-cell">
        <svg class="bar" aria-hidden="true">
          {names.map((name, index) => {
            const width = (100 * (seconds.get(name) ?? 0)) / longest;
            const from = x;
            x += width;
            return <rect key={name} class={`f${index % COLOURS}`} x={`${from}%`} width={`${width}%`} height="100%" />;
          })}
        </svg>
      </td>
      {names.map((name) => {
        const value = seconds.get(name);
        return (
          <td key={name} class="n">
            {value === undefined ? '' : formatPhase(value)}
          </td>
        );
      })}
      <td class="n">{formatPhase(row.seconds)}</td>
    </tr>
  );
}
