import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SimulatorError } from "./errors.js";

const NATIVE = fileURLToPath(new URL("./native/", import.meta.url));
/** Starts the name of a folder in which a build is under way. */
const WORKSHOP = "building-";

/** Milliseconds after which a build that has not finished was interrupted. */
const STALE = 10 * 60_000;

const DEFAULT_DIRECTORY = fileURLToPath(new URL("../../build/sim/", import.meta.url));

/** How far the build is. */
export interface BuildProgress {
  /** Files compiled, of `total`. */
  readonly done: number;
  readonly total: number;
  /** The file that is being compiled. */
  readonly file: string;
}

export interface BuildOptions {
  /** Where the host is kept, in a folder by the hash of its sources. Default `build/sim`. */
  readonly directory?: string;
  /** Called for every file that is compiled; never when the host is there already. */
  readonly onProgress?: (progress: BuildProgress) => void;
}

/**
 * Makes sure that the host is built from its present sources, which takes some ten seconds the first time. Safe to be
 * called by several processes at once: each builds for itself, and the first to finish wins.
 * @returns the path of the program
 * @throws SimulatorError `ERR_NO_COMPILER`, `ERR_BUILD`
 */
export async function buildHost(options: BuildOptions = {}): Promise<string> {
  const { directory = DEFAULT_DIRECTORY, onProgress } = options;
  const engine = engineFolder();
  const tls = await tlsAvailable();
  const home = join(directory, await hashOfSources(engine, tls));
  const program = join(home, "xs-host");
  if (await exists(program)) return program;
  await mkdir(directory, { recursive: true });
  await removeStale(directory);
  const workshop = await mkdtemp(join(directory, WORKSHOP));
  try {
    await make(engine, tls, workshop, onProgress);
    await publish(workshop, home, program);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return program;
}

const probes = new Map<string, Promise<boolean>>();

/**
 * Whether the host has TLS: whether there is OpenSSL to compile it with (Debian, Ubuntu: `apt-get install libssl-dev`).
 * With `SIM_TLS=no` in the environment it has none in any case. Looked up once for each environment; takes some 50 ms.
 */
export function tlsAvailable(): Promise<boolean> {
  const { CC, PATH, SIM_TLS } = process.env;
  const key = JSON.stringify([CC, PATH, SIM_TLS]);
  const probe = probes.get(key) ?? findOpenSsl();
  probes.set(key, probe);
  return probe;
}

/** Asks the Makefile, which looks for the headers. */
async function findOpenSsl(): Promise<boolean> {
  const child = spawn("make", ["-s", "-C", NATIVE, "tls"], { stdio: ["ignore", "pipe", "ignore"] });
  const answer = collect(child.stdout);
  return once(child, "close").then(
    () => answer().trim() === "yes",
    () => false,
  );
}

/** Deletes what builds have left behind that were interrupted, not those that other processes are at. */
async function removeStale(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(WORKSHOP)) continue;
    const workshop = join(directory, name);
    const { mtimeMs = Infinity } = (await stat(workshop).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > STALE) await rm(workshop, { recursive: true, force: true });
  }
}

/** The engine's sources in the npm package, wherever that is installed. */
function engineFolder(): string {
  const manifest = createRequire(import.meta.url).resolve("@agoric/xsnap/package.json");
  return join(dirname(manifest), "moddable", "xs");
}

/** The engine is known by its package's version, our own sources by their content. */
async function hashOfSources(engine: string, tls: boolean): Promise<string> {
  const hash = createHash("sha256").update(String(tls));
  hash.update(await readFile(join(engine, "..", "..", "package.json")));
  for (const name of (await readdir(NATIVE)).sort()) hash.update(name).update(await readFile(join(NATIVE, name)));
  return hash.digest("hex").slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Moves what was built to its place, unless another process was faster. */
async function publish(workshop: string, home: string, program: string): Promise<void> {
  try {
    await rename(workshop, home);
  } catch (error) {
    if (!(await exists(program))) throw error;
  }
}

async function make(engine: string, tls: boolean, out: string, onProgress: BuildOptions["onProgress"]): Promise<void> {
  await checkTools();
  const total = await countFiles(engine);
  const variables = [`XS=${engine}`, `OUT=${out}`, `SIM_TLS=${tls ? "yes" : "no"}`];
  const compiler = spawn("make", ["-C", NATIVE, `-j${availableParallelism()}`, ...variables]);
  const complaints = collect(compiler.stderr);
  let done = 0;
  createInterface({ input: compiler.stdout }).on("line", (line) => {
    if (line.startsWith("cc ")) onProgress?.({ done: done++, total, file: line.slice(3) });
  });
  const [status] = (await once(compiler, "close")) as [number | null];
  if (status !== 0) throw new SimulatorError("ERR_BUILD", `the simulator did not compile:\n${complaints()}`);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (data: Buffer) => (text += data.toString()));
  return () => text;
}

/** Every C file is compiled once; `memory.c` brings in `xsMemory.c`. */
async function countFiles(engine: string): Promise<number> {
  const files = [...(await readdir(NATIVE)), ...(await readdir(join(engine, "sources")))];
  return files.filter((name) => name.endsWith(".c") && name !== "xsMemory.c").length;
}

async function checkTools(): Promise<void> {
  const missing = [];
  for (const [tool, thing] of [
    [process.env["CC"] ?? "cc", "C compiler"],
    ["make", "make"],
  ] as const)
    if (!(await answers(tool))) missing.push(thing);
  if (missing.length > 0)
    throw new SimulatorError(
      "ERR_NO_COMPILER",
      `the XS simulator needs a C compiler and make, and there is no ${missing.join(" and no ")}: install them ` +
        "(Debian, Ubuntu: apt-get install gcc make; macOS: xcode-select --install), or go without with --host node",
    );
}

/** Is the command there? */
async function answers(command: string): Promise<boolean> {
  const child = spawn(command, ["--version"], { stdio: "ignore" });
  return once(child, "close").then(
    ([status]) => status === 0,
    () => false,
  );
}
