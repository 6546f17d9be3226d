/** Places for a few at once; the others wait in the order in which they came. */

/** A place of somebody, held or not. */
export interface Place {
  /** Waits for a place; nothing where it is held. */
  take(): Promise<void>;
  /** Gives it to the next in line; nothing where it is not held. */
  give(): void;
}

/** So many places. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Somebody who may take a place, again and again. */
  comer(): Place {
    let isHeld = false;
    return {
      take: async () => {
        if (isHeld) return;
        if (this.#free > 0) this.#free--;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
        isHeld = true;
      },
      give: () => {
        if (!isHeld) return;
        isHeld = false;
        // Straight to the next in line, so that no newcomer can take it as well.
        const next = this.#waiting.shift();
        if (next) next();
        else this.#free++;
      },
    };
  }
}
