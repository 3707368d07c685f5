import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { buildHost, type BuildOptions } from "./build.js";
import { bundle, type Bundle } from "./bundle.js";
import { SimulatorError } from "./errors.js";
import { readLine, type End, type Usage } from "./lines.js";

/** Bytes of heap that a program has unless it asks for more or less: 32 kB on ESP32, where a slot is half as large. */
export const DEFAULT_HEAP = 65_536;

/** Milliseconds that an interrupted program has to say goodbye. */
const GRACE = 5_000;

/** The host's exit status for a command line or a program that it does not understand. */
const STATUS_USAGE = 64;

/** Its exit status when the power goes. */
const STATUS_POWER_CUT = 76;

/** The flash memory that a program has for its own use: the partition `mqtt` of `embedded:storage/flash`. */
export interface StorageOptions {
  /** The file that holds it, made erased where there is none. Without one it is gone with the program. */
  readonly path?: string;
  /** Default 16. */
  readonly sectors?: number;
  /** Bytes that are erased together, a multiple of 8. Default 4,096. */
  readonly sectorSize?: number;
}

export interface RunOptions {
  /**
   * Bytes of heap beyond what the idle engine needs, slots and chunks together. A slot has 32 bytes here and 16 on ESP32,
   * so that half of this is a good guess at what the device needs. Default 65,536.
   */
  readonly heap?: number;
  /** Slots of stack, which come on top. Default 512. */
  readonly stack?: number;
  /** What `sim.argument(index)` returns. */
  readonly arguments?: readonly string[];
  readonly storage?: StorageOptions;
  /**
   * Steps after which the power goes, and the program with it. Each byte written to storage is a step, each eighth of a
   * sector erased, and each write to a socket; what was sent by then arrives. `RunReport.steps` tells how many there are.
   */
  readonly cutAfter?: number;
  /**
   * What the clock, `Time.ticks` and all timers, shows when the program begins, 0 to 2^32 - 1: in signed 32 bits, as on ESP32.
   * Default: the system's milliseconds.
   */
  readonly clockStart?: number;
  /** Called with every line that the program traces. */
  readonly onTrace?: (line: string) => void;
  /** Called with what the program gives `sim.report`. */
  readonly onReport?: (name: string, numbers: number[]) => void;
  /** Milliseconds after which the program is killed. Default: never. */
  readonly timeout?: number;
  /** Interrupts the program: it may say goodbye (`sim.onInterrupt`), and is killed when it takes more than 5 s. */
  readonly signal?: AbortSignal;
  /** Shows the build of the host, when that has to be built first. */
  readonly onProgress?: BuildOptions["onProgress"];
}

/** How a program ended. `exit` and the end of all sockets and timers are `finished`. */
export type ExitReason = "finished" | "power cut" | "exception" | "memory full" | "timeout" | "interrupted";

/** How a run ended, and what it has used. Counters are 0 when it was killed, lost its power, or threw before it started. */
export interface RunReport extends Usage {
  readonly reason: ExitReason;
  /** The exit status; `null` when the program was killed. */
  readonly status: number | null;
  /** All lines that were traced. */
  readonly trace: readonly string[];
  /** What the host and the engine wrote to standard error: exceptions with their stack, and why memory ran out. */
  readonly errors: string;
}

/**
 * Runs a program on XS with the heap of an ESP32; builds the host first, when needed.
 * @param program a module's path, or a bundle, which stays
 * @throws SimulatorError when the host cannot be built, or the program cannot be bundled or compiled
 */
export async function run(program: string | Bundle, options: RunOptions = {}): Promise<RunReport> {
  const host = await buildHost({ ...(options.onProgress && { onProgress: options.onProgress }) });
  if (typeof program !== "string") return boot(host, program, options);
  const bundled = await bundle(program);
  try {
    return await boot(host, bundled, options);
  } finally {
    await bundled.remove();
  }
}

function commandLine(program: Bundle, options: RunOptions): string[] {
  const flash = program.flash.flatMap((file) => ["--flash", file]);
  const sizes = ["--heap", String(options.heap ?? DEFAULT_HEAP), "--stack", String(options.stack ?? 512)];
  const clock = options.clockStart === undefined ? [] : ["--clock-start", String(options.clockStart)];
  return [...sizes, ...clock, ...storageOptions(options), ...flash, program.main, "--", ...(options.arguments ?? [])];
}

function storageOptions({ storage = {}, cutAfter }: RunOptions): string[] {
  const values = { storage: storage.path, sectors: storage.sectors, "sector-size": storage.sectorSize, "cut-after": cutAfter };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

async function boot(host: string, program: Bundle, options: RunOptions): Promise<RunReport> {
  // In a process group of its own, a program gets Ctrl-C in the terminal only once: from `signal`, if at all.
  const child = spawn(host, commandLine(program, options), { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const listening = listen(child, options);
  const watch = new Watch(child, options);
  const [status] = (await once(child, "close")) as [number | null];
  process.off("exit", kill);
  watch.stop();
  const { end, trace, errors } = listening();
  if (status === STATUS_USAGE) throw new SimulatorError("ERR_HOST", errors.trim());
  return { reason: watch.reason ?? reasonOf(end, status), status, ...usageOf(end), trace, errors };
}

interface Heard {
  readonly end: End | undefined;
  readonly trace: readonly string[];
  readonly errors: string;
}

function listen(child: ChildProcess, options: RunOptions): () => Heard {
  let end: End | undefined;
  const trace: string[] = [];
  let errors = "";
  const listener = {
    onTrace(line: string): void {
      trace.push(line);
      options.onTrace?.(line);
    },
    onReport: options.onReport ?? ((): void => {}),
    onEnd: (it: End): void => void (end = it),
  };
  if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => readLine(line, listener));
  child.stderr?.on("data", (data: Buffer) => (errors += data.toString()));
  return () => ({ end, trace, errors });
}

/** Ends a program that takes too long, or is no longer wanted. */
class Watch {
  /** Why it was ended; `undefined` as long as it has not been. */
  reason: "timeout" | "interrupted" | undefined;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, { timeout, signal }: RunOptions) {
    this.#child = child;
    this.#signal = signal;
    if (timeout !== undefined) this.#timer = setTimeout(() => this.#kill("timeout"), timeout);
    signal?.addEventListener("abort", this.#interrupt);
    if (signal?.aborted) this.#interrupt();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#interrupt);
  }

  #kill(reason: "timeout" | "interrupted"): void {
    this.reason = reason;
    this.#child.kill("SIGKILL");
  }

  readonly #interrupt = (): void => {
    clearTimeout(this.#timer);
    this.reason = "interrupted";
    this.#timer = setTimeout(() => this.#kill("interrupted"), GRACE);
    this.#child.kill("SIGTERM");
  };
}

function reasonOf(end: End | undefined, status: number | null): ExitReason {
  if (end?.reason === "memory full" || end?.reason === "interrupted") return end.reason;
  if (end?.reason === "finished" || end?.reason === "exit") return "finished";
  if (status === STATUS_POWER_CUT) return "power cut";
  return status === 0 ? "finished" : "exception";
}

function usageOf(end: End | undefined): Usage {
  const { slots = 0, chunkBytes = 0, collections = 0, peakBytes = 0, heapBytes = 0, meter = 0 } = end ?? {};
  const { idleBytes = 0, flashBytes = 0, steps = 0 } = end ?? {};
  return { slots, chunkBytes, collections, peakBytes, heapBytes, meter, idleBytes, flashBytes, steps };
}
