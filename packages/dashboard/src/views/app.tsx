/** The frame of every view: head, links, and what the address names. */
import { useEffect } from 'preact/hooks';
import { useRoute } from '../browser/navigation.js';
import { useCluster } from '../browser/use-cluster.js';
import { type SessionState, useSession } from '../browser/use-session.js';
import type { Route } from '../core/route.js';
import { FailureBox } from './failure-box.js';
import { JobPage } from './job-page.js';
import { JobsPage } from './jobs-page.js';
import { LoginPage } from './login-page.js';
import { StatusBanner } from './status-banner.js';
import { ThemeChoice } from './theme-choice.js';
import { WorkersPage } from './workers-page.js';

/** The page. */
export function App() {
  const state = useSession();
  const route = useRoute();
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Head state={state} route={route} />
      <main id="content" tabIndex={-1}>
        <Content state={state} route={route} />
      </main>
    </>
  );
}

function Head({ state, route }: { readonly state: SessionState; readonly route: Route }) {
  const { session, logOut } = state;
  const current = (view: Route['view']) => (route.view === view ? { 'aria-current': 'page' as const } : {});
  return (
    <header class="head">
      <a class="brand" href="/" aria-label="Lockstep, all jobs">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect x="1" y="2" width="3" height="12" rx="1" />
          <rect x="6.5" y="2" width="3" height="12" rx="1" />
          <rect x="12" y="2" width="3" height="12" rx="1" />
        </svg>
        <span>Lockstep</span>
      </a>
      <nav aria-label="Views">
        <a href="/" {...current('jobs')}>
          Jobs
        </a>
        <a href="/workers" {...current('workers')}>
          Workers
        </a>
      </nav>
      <div class="corner">
        {session?.version ? <span class="soft version">{session.version}</span> : null}
        <ThemeChoice />
        {session?.needsToken && session.who ? (
          <>
            <span class="soft who" title={`${session.who.name}, ${session.who.role}`}>
              {session.who.name} <span class="tag">{session.who.role}</span>
            </span>
            <button type="button" onClick={logOut}>
              Log out
            </button>
          </>
        ) : null}
      </div>
    </header>
  );
}

function Content({ state, route }: { readonly state: SessionState; readonly route: Route }) {
  const { session, failure, refresh, logIn } = state;
  useTitle(route);
  if (!session) return failure ? <FailureBox failure={failure} note="Trying again." /> : <p class="soft">Loading…</p>;
  if (session.needsToken && !session.who) return <LoginPage logIn={logIn} />;
  return <Pages route={route} mayCancel={session.mayCancel} onRefused={refresh} />;
}

function Pages(props: { readonly route: Route; readonly mayCancel: boolean; readonly onRefused: () => void }) {
  const { route, mayCancel, onRefused } = props;
  // Kept behind the page of a job: whoever goes back finds the list as it was.
  const cluster = useCluster(route.view === 'jobs' || route.view === 'workers', onRefused);
  if (route.view === 'job') {
    return <JobPage key={route.jobId} jobId={route.jobId} mayCancel={mayCancel} onRefused={onRefused} />;
  }
  if (route.view === 'unknown') {
    return (
      <>
        <h1>No such page</h1>
        <p>
          There is nothing at <code>{location.pathname}</code>. <a href="/">All jobs</a>
        </p>
      </>
    );
  }
  return (
    <>
      <StatusBanner status={cluster.status} />
      {cluster.failure ? <FailureBox failure={cluster.failure} /> : null}
      {route.view === 'workers' ? <WorkersPage cluster={cluster} /> : <JobsPage cluster={cluster} />}
    </>
  );
}

/** The title of the window; the page of a job sets its own, which has the name. */
function useTitle(route: Route): void {
  useEffect(() => {
    if (route.view === 'jobs') document.title = 'Jobs · Lockstep';
    else if (route.view === 'workers') document.title = 'Workers · Lockstep';
    else if (route.view === 'unknown') document.title = 'No such page · Lockstep';
  }, [route.view]);
}
