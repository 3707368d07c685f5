import { runCommand } from "../support/command.js";
import { fuzz } from "./commands/fuzz.js";
import { prove } from "./commands/prove.js";
import { replay } from "./commands/replay.js";
import { type FuzzOptions, HELP, parseOptions } from "./options.js";

// Errors that the client makes are many here, and a stack takes longer than all else. `--replay` shows it.
Error.stackTraceLimit = 0;

await runCommand({ name: "fuzz", help: HELP, parse: parseOptions, run: start });

async function start(options: FuzzOptions, signal: AbortSignal): Promise<boolean> {
  if (options.replay !== undefined) await replay(options.replay);
  else if (options.prove) await prove(options, signal);
  else await fuzz(options, signal);
  return true;
}
