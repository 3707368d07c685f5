/** What kept the simulator from running a program. */
export type SimulatorErrorCode =
  /** There is no C compiler or no make. */
  | "ERR_NO_COMPILER"
  /** The host's C sources did not compile. */
  | "ERR_BUILD"
  /** The program's modules could not be read, or are no valid TypeScript or JavaScript. */
  | "ERR_BUNDLE"
  /** The host refused its command line or the program's syntax. */
  | "ERR_HOST";

/** The simulator could not be built, or could not run a program. How a program ends is no error, but a report. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
