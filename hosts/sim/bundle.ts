import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import terser, { type Options } from "@rollup/plugin-terser";
import { rollup, type InputOptions, type OutputOptions, type Plugin } from "rollup";
import ts from "typescript";
import { SimulatorError } from "./errors.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Modules that the host has in C. */
const NATIVE_MODULES = new Set(["embedded:io/socket/tcp", "embedded:storage/flash", "instrumentation", "openssl", "sim", "time", "timer"]);

/** Modules that the host has in TypeScript, by where they are in this repository. */
const HOST_MODULES = new Map([["embedded:io/socket/tcp/tls", "hosts/sim/tls/tls-socket.ts"]]);

/** Constants take the place of the variables that hold them; everything else stays as it is written. As in the build. */
const COMPRESSION = JSON.parse(readFileSync(join(ROOT, "hosts/minification.json"), "utf8")) as NonNullable<Options["compress"]>;

/** A program, ready to run: plain JavaScript in a temporary folder. */
export interface Bundle {
  /** The entry's own code, which runs in RAM. */
  readonly main: string;
  /** Everything that it imports, which is preloaded into flash. */
  readonly flash: readonly string[];
  /** Deletes the files. */
  remove(): Promise<void>;
}

/**
 * Bundles an entry and all that it imports. The entry itself runs in RAM, when the program starts; the modules that it
 * imports are preloaded: they run before, in flash, and what their top level makes is read-only from then on. As on the
 * device, preloaded code copies a string literal into a chunk whenever it comes across one; the entry's code does not.
 *
 * TypeScript is stripped of its types, not checked; `mqtt-xs` is this repository's `src/index.ts`. The entry is not
 * minified, so that what a program measures is what it says; what it imports is, as in the published build.
 * @param entry path of a TypeScript or JavaScript module
 * @throws SimulatorError `ERR_BUNDLE`
 */
export async function bundle(entry: string): Promise<Bundle> {
  const id = resolve(entry);
  return write(id, { treeshake: false, plugins: [minified("imports")] }, { manualChunks: (module) => (module === id ? undefined : "flash") });
}

/**
 * Bundles everything that is used into `main`: for measuring the code, and for programs that cannot be preloaded, because
 * they change what would be in flash. The host's own modules stay outside, TLS among them, which such programs cannot use.
 */
export async function bundleWhole(entry: string): Promise<Bundle> {
  const external = [...HOST_MODULES.keys()];
  return write(resolve(entry), { external, plugins: [minified("everything")] }, { inlineDynamicImports: true });
}

/** What is bundled, and which modules beside the native ones stay outside. */
interface Input extends Omit<InputOptions, "external"> {
  readonly external?: readonly string[];
}

async function write(entry: string, input: Input, output: OutputOptions): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "mqtt-xs-sim-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const files = await generate({ ...input, input: { main: entry } }, { ...output, dir: folder });
    const flash = files.filter((file) => file !== "main.js").map((file) => join(folder, file));
    return { main: join(folder, "main.js"), flash, remove };
  } catch (cause) {
    await remove();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimulatorError("ERR_BUNDLE", `cannot bundle ${entry}: ${reason}`, cause);
  }
}

async function generate({ external = [], ...input }: Input, options: OutputOptions): Promise<string[]> {
  const graph = await rollup({
    ...input,
    external: (id) => NATIVE_MODULES.has(id) || external.includes(id),
    plugins: [sources(), withoutTypes(), input.plugins],
    onwarn: (warning) => {
      if (warning.code === "UNRESOLVED_IMPORT") throw new Error(warning.message);
    },
  });
  const { output } = await graph.write({
    ...options,
    format: "es",
    generatedCode: "es2015",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
  });
  await graph.close();
  return output.map(({ fileName }) => fileName);
}

/** Finds `mqtt-xs` and what belongs to it, the host's modules, and the `.ts` behind `./x.js`. */
function sources(): Plugin {
  return {
    name: "sources",
    resolveId(id, importer) {
      const hosts = HOST_MODULES.get(id);
      if (hosts !== undefined) return join(ROOT, hosts);
      if (id === "mqtt-xs/device") return join(ROOT, "hosts/device/index.ts");
      if (id === "mqtt-xs" || id.startsWith("mqtt-xs/")) return join(ROOT, "src", `${id.slice(8) || "index"}.ts`);
      if (!id.startsWith(".") || importer === undefined) return null;
      const path = resolve(dirname(importer), id);
      const source = path.replace(/\.js$/, ".ts");
      return existsSync(source) ? source : path;
    },
  };
}

/**
 * As in the published build, constants are inlined and local names shortened, or the code would be larger and slower than
 * what a device has.
 */
function minified(what: "everything" | "imports"): Plugin {
  const { renderChunk, ...plugin } = terser({ module: true, compress: COMPRESSION });
  if (typeof renderChunk !== "function") throw new Error("the minifier has changed");
  return {
    ...plugin,
    renderChunk(code, chunk, ...rest) {
      return chunk.isEntry && what === "imports" ? null : renderChunk.call(this, code, chunk, ...rest);
    },
  };
}

function withoutTypes(): Plugin {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    useDefineForClassFields: false,
    removeComments: true,
  };
  return {
    name: "without-types",
    transform(code, id) {
      if (!id.endsWith(".ts")) return null;
      return { code: ts.transpileModule(code, { fileName: id, compilerOptions }).outputText, map: null };
    },
  };
}
