/** Promises that tell a failure to whoever listens, now or later. */

/** The same promise; that nobody listens to it yet is no fault. */
export function heardLater<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

/** The first failure of something that runs until it is stopped. */
export class FirstFailure {
  /** Rejects with it. */
  readonly promise: Promise<never>;
  /** Tells a failure; later ones change nothing. */
  tell: (error: Error) => void = () => {};

  constructor() {
    this.promise = heardLater(
      new Promise<never>((_resolve, reject) => {
        this.tell = reject;
      }),
    );
  }
}
