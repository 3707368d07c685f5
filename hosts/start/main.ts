import { Failure } from "./failure.js";
import { Interruption } from "./interruption.js";
import { JsonPresenter } from "./json.js";
import { HELP, parseOptions, type StartOptions } from "./options.js";
import { PlainPresenter } from "./plain.js";
import type { Presenter } from "./presenter.js";
import { isComplete } from "./progress.js";
import { run } from "./run.js";
import { TerminalPresenter } from "./terminal.js";

const { argv, env, stderr, stdout } = process;

// A reader that has seen enough, as in `npm start | head`, ends the run without a word.
stdout.on("error", () => process.exit(1));

process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = parseOptions(argv.slice(2));
    if (options !== "help") return await start(options);
    stdout.write(HELP);
    return 0;
  } catch (error) {
    return explain(error);
  }
}

async function start(options: StartOptions): Promise<number> {
  const presenter = makePresenter(options);
  process.once("exit", () => presenter.close());
  const interruption = new Interruption((status) => process.exit(status));
  try {
    const { progress, failure } = await run(options, presenter, interruption.signal);
    presenter.finish(progress);
    presenter.close();
    const status = failure === undefined ? Number(!isComplete(progress)) : explain(failure);
    return interruption.exitStatus ?? status;
  } catch (error) {
    presenter.close();
    return interruption.exitStatus ?? explain(error);
  }
}

function makePresenter({ json }: StartOptions): Presenter {
  if (json) return new JsonPresenter(stdout);
  if (!stdout.isTTY || env["TERM"] === "dumb") return new PlainPresenter(stdout);
  return new TerminalPresenter(stdout, (env["NO_COLOR"] ?? "") === "");
}

/** Says what went wrong in one line; the exit status. */
function explain(error: unknown): number {
  if (!(error instanceof Failure)) throw error;
  stderr.write(`mqtt-xs: ${error.message}\n`);
  return error.exitStatus;
}
