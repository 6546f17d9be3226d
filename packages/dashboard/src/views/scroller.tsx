/** What may be wider or higher than its place, and scrolls by itself: with the keyboard too. */
import type { ComponentChildren, Ref } from 'preact';

/** The place. @param name what a screen reader calls it */
export function Scroller(props: {
  readonly name: string;
  readonly kind?: string;
  readonly place?: Ref<HTMLElement>;
  readonly onScroll?: () => void;
  readonly children: ComponentChildren;
}) {
  const { name, kind = 'wide', place, onScroll, children } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls with the arrow keys, which needs the focus
    <section ref={place ?? null} class={kind} tabIndex={0} aria-label={name} onScroll={onScroll}>
      {children}
    </section>
  );
}
