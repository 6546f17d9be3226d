/** What a job that succeeded leaves. */
import { formatNumber } from '../core/format.js';
import type { JobResult } from '../core/wire.js';

/** Metrics on the test rows, and what names the model. */
export function JobResults({ result }: { readonly result: JobResult }) {
  const metrics = Object.entries(result.testMetrics);
  return (
    <section>
      <h2>Test rows</h2>
      <dl class="facts">
        {metrics.map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>{formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
      <p class="soft id">
        parameters SHA-256 <code>{result.parametersSha256}</code>, {result.lanes} lanes
        {result.link ? `, link ${result.link}` : ''}, numeric class {result.numericClass}
      </p>
    </section>
  );
}
