/** Something that ends the command with one clear line on stderr, and without a stack trace. */
export class Failure extends Error {
  /** The exit status of the command. */
  readonly exitStatus: number;

  constructor(message: string, exitStatus = 1) {
    super(message);
    this.exitStatus = exitStatus;
  }
}

/** The command line is wrong. */
export class UsageFailure extends Failure {
  constructor(message: string) {
    super(`${message} (npm start -- --help tells more)`, 2);
  }
}
