import { Failure } from "../../../hosts/start/failure.js";
import { Interruption } from "../../../hosts/start/interruption.js";
import { SimulatorError } from "../../../hosts/sim/runner.js";

/** One of the commands that prove something about reliability, as `npm run` starts it. */
export interface Command<Options> {
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;
  /** @throws Failure that says in one line what is wrong with the arguments. */
  readonly parse: (args: readonly string[]) => Options | "help";
  /**
   * Does it. @param signal aborted by Ctrl-C. @returns whether all is well.
   * @throws Failure that says in one line why it cannot be done.
   */
  readonly run: (options: Options, signal: AbortSignal) => boolean | Promise<boolean>;
}

/** Runs a command, and ends the process: with 0 if all is well, 1 if not, 130 or 143 after Ctrl-C or SIGTERM. */
export async function runCommand<Options>(command: Command<Options>): Promise<never> {
  const interruption = new Interruption((status) => process.exit(status));
  const status = await statusOf(command, interruption);
  process.exit(interruption.exitStatus ?? status);
}

async function statusOf<Options>(command: Command<Options>, { signal }: Interruption): Promise<number> {
  try {
    const options = parsed(command);
    if (options !== "help") return (await command.run(options, signal)) ? 0 : 1;
    process.stdout.write(command.help);
    return 0;
  } catch (error) {
    const isExpected = error instanceof Failure || (error instanceof SimulatorError && !signal.aborted);
    if (isExpected) process.stderr.write(`${command.name}: ${error.message}\n`);
    else if (!signal.aborted) throw error; // Ctrl-C in a terminal ends brokers, too
    return 1;
  }
}

function parsed<Options>({ name, parse }: Command<Options>): Options | "help" {
  try {
    return parse(process.argv.slice(2));
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${error.message} (npm run ${name} -- --help tells more)`) : error;
  }
}
