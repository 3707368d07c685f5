const EXIT_STATUSES = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof EXIT_STATUSES;

/** Milliseconds. Wrappers such as npm and tsx may pass on the signal that the terminal has sent already. */
const ECHO = 1_000;

/** SIGINT and SIGTERM, as one request to finish in order. Asked again, the process ends at once. */
export class Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** What the process has to exit with because of the first signal; undefined while there was none. */
  exitStatus: number | undefined;

  readonly #controller = new AbortController();
  #since = 0;

  /** @param insist called when a signal comes again. */
  constructor(insist: (exitStatus: number) => void) {
    this.signal = this.#controller.signal;
    for (const name of ["SIGINT", "SIGTERM"] as const)
      process.on(name, () => this.#interrupt(name, insist));
  }

  #interrupt(name: Signal, insist: (exitStatus: number) => void): void {
    if (this.exitStatus === undefined) {
      this.exitStatus = EXIT_STATUSES[name];
      this.#since = performance.now();
      this.#controller.abort();
    } else if (performance.now() - this.#since > ECHO) insist(this.exitStatus);
  }
}
