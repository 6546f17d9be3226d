/** What a process of a local service writes to its log, as a line for people. */

/** Fields that say what the line starts with anyway, or nothing here. */
const LEFT_OUT: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'process', 'msg']);

/**
 * A line of a child's stderr.
 * @returns null for an error that it prints before it ends, which is told with its end
 */
export function childLine(name: string, line: string): string | null {
  if (line.startsWith('{"error":') || line.trim() === '') return null;
  const entry = parsed(line);
  if (!entry) return `${name}: ${line}`;
  const fields = Object.entries(entry).filter(([key, value]) => !LEFT_OUT.has(key) && value !== name);
  const named = fields.map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${name}: ${[String(entry.msg ?? ''), ...named].join('  ')}`;
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
