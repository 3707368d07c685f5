import { existsSync } from "node:fs";
import { Failure } from "../../../../hosts/start/failure.js";
import { counted } from "../../../../hosts/start/format.js";
import { loadTarget } from "../coverage/target.js";
import { type Play, playOf, readPlays, textOf } from "../fuzzing/script-text.js";

/** Deep enough to tell where an error was thrown. */
const STACK = 30;

/** Plays scripts again, in all ways to split what the server sends. @throws Failure when the client did what it must not. */
export async function replay(what: string): Promise<void> {
  const plays = playsOf(what);
  const { play } = await loadTarget();
  Error.stackTraceLimit = STACK;
  let finds = 0;
  for (const each of plays) {
    const { violation } = play.examine(each.version, each.script, play.WAYS);
    if (violation === undefined) continue;
    finds++;
    process.stdout.write(`${textOf(each)}\n${violation}\n\n`);
  }
  process.stdout.write(`${counted(plays.length, "script")}, ${finds} of them with something that the client must not do.\n`);
  if (finds > 0) throw new Failure("the client did what it must not");
}

function playsOf(what: string): Play[] {
  try {
    return existsSync(what) ? readPlays(what) : [playOf(what)];
  } catch (error) {
    throw new Failure(`--replay: ${error instanceof Error ? error.message : String(error)}`);
  }
}
