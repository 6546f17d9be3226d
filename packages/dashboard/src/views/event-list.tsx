/** What happened to a job, with times and reasons. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type EventLine, filtered } from '../core/event-words.js';
import { Scroller } from './scroller.js';

/** Lines that are drawn at once. */
const MAX_SHOWN = 500;
/** How near to the end counts as there, in pixels. */
const END_PIXELS = 24;
/** Of what was not today. */
const DAY = { month: 'short', day: '2-digit' } as const;

/** The list and its filters. */
export function EventList(props: {
  readonly lines: readonly EventLine[];
  readonly forgotten: number;
  readonly isLive: boolean;
}) {
  const { lines, forgotten, isLive } = props;
  const [onlyWarnings, setOnlyWarnings] = useState(false);
  const [search, setSearch] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const place = useRef<HTMLElement>(null);
  const found = filtered(lines, onlyWarnings, search);
  const shown = found.slice(-MAX_SHOWN);
  useEffect(() => {
    const element = place.current;
    if (element && isFollowing) element.scrollTop = element.scrollHeight;
  }, [shown.length, shown.at(-1)?.sequence, isFollowing]);
  const onScroll = (): void => {
    const element = place.current;
    if (element) setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < END_PIXELS);
  };
  const left = found.length - shown.length;
  return (
    <section>
      <h2 id="events">Events</h2>
      <div class="filters">
        <label>
          <input
            type="checkbox"
            checked={onlyWarnings}
            onChange={({ currentTarget }) => setOnlyWarnings(currentTarget.checked)}
          />
          Only warnings
        </label>
        {isLive ? (
          <label>
            <input
              type="checkbox"
              checked={isFollowing}
              onChange={({ currentTarget }) => setFollowing(currentTarget.checked)}
            />
            Follow the newest
          </label>
        ) : null}
        <input
          type="search"
          aria-label="Search in events"
          placeholder="Search"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <span class="soft">
          {found.length} of {lines.length}
        </span>
      </div>
      <Scroller place={place} kind="events" name="List of events" onScroll={onScroll}>
        {left + forgotten > 0 ? <p class="soft">{left + forgotten} earlier ones: lockstep logs has all.</p> : null}
        {shown.length === 0 ? <p class="soft">None{lines.length > 0 ? ' that fits' : ' yet'}.</p> : null}
        <ol>
          {shown.map((line) => (
            <EventItem key={line.sequence} line={line} />
          ))}
        </ol>
      </Scroller>
    </section>
  );
}

function EventItem({ line }: { readonly line: EventLine }) {
  const time = new Date(line.unixSeconds * 1000);
  return (
    <li class={line.isWarning ? 'warning' : ''}>
      <time dateTime={time.toISOString()} title={time.toLocaleString()}>
        {time.toDateString() === new Date().toDateString() ? '' : `${time.toLocaleDateString([], DAY)} `}
        {time.toLocaleTimeString([], { hourCycle: 'h23' })}
      </time>
      <span class="soft step">step {line.step}</span>
      <span class={`kind ${line.kind}`}>
        {line.isWarning ? <span class="sign">! </span> : null}
        {line.kind}
      </span>
      <span class="text">{line.text}</span>
    </li>
  );
}
