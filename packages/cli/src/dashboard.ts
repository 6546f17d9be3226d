/** The dashboard's options and its address. */
import { LockstepError } from '@lockstep/protocol/core';

/** Options about it. */
export interface DashboardFlags {
  /** False where it is switched off. */
  readonly dashboard: boolean;
  readonly dashboardUrl?: string | undefined;
}

/** What a coordinator is told of it. @throws LockstepError USAGE */
export function dashboardOf({ dashboard, dashboardUrl: text }: DashboardFlags): {
  readonly dashboard: boolean;
  readonly dashboardUrl: URL | null;
} {
  if (text === undefined) return { dashboard, dashboardUrl: null };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return { dashboard, dashboardUrl: url };
  throw new LockstepError('USAGE', {
    message: 'The address of the dashboard is no http or https address without a path.',
    ...{ field: '--dashboard-url', value: text },
    fix: 'Use what browsers are given, such as https://train.example.org/.',
  });
}

/** What a line about a coordinator begins with. */
export function dashboardWords(url: string | null): string {
  return url === null ? '' : `dashboard ${url}  `;
}
