// Runs on XS, too: nothing of Node's.

/** The callbacks of requests, each of which may be called once at most. */
export class Answers {
  /** Whether one was called more than once. */
  isTwice = false;

  /** Another request's callback. */
  readonly once = (): (() => void) => {
    let isDone = false;
    return () => {
      this.isTwice ||= isDone;
      isDone = true;
    };
  };
}
