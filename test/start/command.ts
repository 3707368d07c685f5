import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a command printed, and how it ended. */
export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm start`, as npm runs it, with its output in pipes. */
export class Command {
  /** When it has ended. */
  readonly ended: Promise<Result>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";

  /** @param folder where the project is. */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, folder = ROOT) {
    this.#child = spawn(process.execPath, ["node_modules/tsx/dist/cli.mjs", "hosts/start/main.ts", ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (status) => resolve({ status, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** Waits until it has printed `text`. */
  async untilPrinted(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`ended without printing "${text}": ${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Sends a signal to the process that was started. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Does what Ctrl-C in a terminal does: every process of the command gets a SIGINT. */
  pressControlC(): void {
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGINT");
  }
}

/** Runs the command to its end. */
export function start(args: readonly string[], env?: NodeJS.ProcessEnv, folder?: string): Promise<Result> {
  return new Command(args, env, folder).ended;
}
