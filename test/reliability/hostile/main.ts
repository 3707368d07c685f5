import { Failure } from "../../../hosts/start/failure.js";
import { Interruption } from "../../../hosts/start/interruption.js";
import { fuzz } from "./commands/fuzz.js";
import { prove } from "./commands/prove.js";
import { replay } from "./commands/replay.js";
import { HELP, parseOptions } from "./options.js";

const { argv, stderr, stdout } = process;
// Errors that the client makes are many here, and a stack takes longer than all else. `--replay` shows it.
Error.stackTraceLimit = 0;

try {
  const options = parseOptions(argv.slice(2));
  const { signal } = new Interruption((status) => process.exit(status));
  if (options === "help") stdout.write(HELP);
  else if (options.replay !== undefined) await replay(options.replay);
  else if (options.prove) await prove(options, signal);
  else await fuzz(options, signal);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  stderr.write(`fuzz: ${error.message}\n`);
  process.exitCode = error.exitStatus;
}
