import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rollup, type Plugin } from "rollup";
import ts from "typescript";
import { type Block, instrument } from "./instrument.js";
import type * as TargetModule from "../play/target.js";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const LIBRARY = join(ROOT, "src");
const ENTRY = fileURLToPath(new URL("../play/target.ts", import.meta.url));
const COUNTERS = fileURLToPath(new URL("./counters.ts", import.meta.url));
const RESIZABLE_BYTES = join(LIBRARY, "session/resizable-bytes.ts");
const REUSED_BYTES = fileURLToPath(new URL("./reused-bytes.ts", import.meta.url));
const BUILD = join(ROOT, "build/fuzz");

/** A fault put into a copy of the library, to see it found. */
export interface Fault {
  /** What is wrong then, in words. */
  readonly what: string;
  /** The module, from the repository's root. */
  readonly file: string;
  /** Text of it that is there once, and what takes its place. */
  readonly text: string;
  readonly instead: string;
}

/** What is played to: the library, its blocks counted, with what plays to it. */
export interface Target {
  readonly play: typeof TargetModule;
  readonly blocks: readonly Block[];
}

let targets = 0;

/** Makes an instrumented copy of the library, and loads it. */
export async function loadTarget(fault?: Fault): Promise<Target> {
  const blocks: Block[] = [];
  await mkdir(BUILD, { recursive: true });
  const file = join(BUILD, `target-${process.pid}-${targets++}.mjs`);
  const graph = await rollup({
    input: ENTRY,
    external: (id) => !/^([./]|mqtt-xs)/.test(id),
    plugins: [counting(blocks, fault)],
  });
  try {
    await graph.write({ file, format: "es" });
    await graph.close();
    const url = pathToFileURL(file).href;
    return { play: (await import(/* @vite-ignore */ url)) as typeof TargetModule, blocks };
  } finally {
    await rm(file, { force: true });
  }
}

/** Resolves as `tsconfig.json` says, takes the types off, and has the library's blocks counted. */
function counting(blocks: Block[], fault: Fault | undefined): Plugin {
  return {
    name: "counting",
    resolveId(id, importer) {
      if (id === "mqtt-xs" || id.startsWith("mqtt-xs/")) return join(LIBRARY, `${id.slice("mqtt-xs/".length) || "index"}.ts`);
      if (!id.startsWith(".") && !id.startsWith("/")) return null;
      const source = resolve(dirname(importer ?? ENTRY), id).replace(/\.js$/, ".ts");
      if (source === RESIZABLE_BYTES) return REUSED_BYTES;
      return existsSync(source) ? source : null;
    },
    async load(id) {
      const source = await readFile(id, "utf8");
      const file = relative(ROOT, id);
      if (id.startsWith(LIBRARY)) return instrument(fault?.file === file ? plant(source, fault) : source, file, blocks, COUNTERS);
      const { outputText } = ts.transpileModule(source, {
        fileName: id,
        compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
      });
      return outputText;
    },
  };
}

function plant(source: string, { text, instead, file }: Fault): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`${file} has not once, but ${parts.length - 1} times: ${text}`);
  return parts.join(instead);
}
