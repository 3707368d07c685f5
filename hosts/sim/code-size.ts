import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { buildHost } from "./build.js";
import { bundleWhole } from "./bundle.js";
import { SimulatorError } from "./errors.js";

const execute = promisify(execFile);

/** Size of XS bytecode in bytes, as the SDK's release compiler makes it: without lines and file names. */
export interface CodeSize {
  readonly total: number;
  /** The bytecode itself. */
  readonly code: number;
  /** Names of properties and variables. A firmware has each but once, however many modules use it. */
  readonly symbols: number;
}

/**
 * Measures the bytecode of a module with all that it imports, the host's own modules aside.
 * @param entry path of a TypeScript or JavaScript module
 * @throws SimulatorError
 */
export async function codeSize(entry: string): Promise<CodeSize> {
  const host = await buildHost();
  const whole = await bundleWhole(entry);
  try {
    const { stdout } = await execute(host, ["--code-size", whole.main]);
    const [total, code, symbols] = stdout.split(" ").map(Number);
    return { total, code, symbols };
  } catch (cause) {
    throw new SimulatorError("ERR_HOST", `XS cannot compile ${entry}`, cause);
  } finally {
    await whole.remove();
  }
}
