import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";
import ts from "typescript";

/** What is built, by the name of its file in dist. */
const ENTRIES = {
  "mqtt-xs": "src/index.ts",
  v5: "src/v5.ts",
  payload: "src/payload.ts",
  websocket: "src/websocket.ts",
  "scram-sha-256": "src/scram-sha-256.ts",
  request: "src/request.ts",
  store: "src/store.ts",
  queue: "src/queue.ts",
  device: "hosts/device/index.ts",
  "device-tls": "hosts/device/tls.ts",
  "device-flash": "hosts/device/flash.ts",
  ecma419: "hosts/device/ecma419.ts",
  "device-network": "hosts/device/network.ts",
  node: "hosts/node/index.ts",
  "node-websocket": "hosts/node/websocket.ts",
  telemetry: "hosts/telemetry.ts",
  "telemetry-v5": "hosts/telemetry-v5.ts",
};

/**
 * Constants take the place of the variables that hold them, and locals have short names: every byte counts on the device.
 * hosts/sim/bundle.ts measures with the same options.
 */
const COMPRESSION = JSON.parse(readFileSync("hosts/minification.json", "utf8"));

/** Platforms' modules, and for all but the library itself the library, of which an app has one copy. */
const EXTERNAL = /^(embedded:.*|node:.*|system|timer|time|ws|mqtt-xs(\/.*)?)$/;

/** What modules beside the library take from it; `STANDALONE` ones bring their own. */
const LIBRARY = /src\/(errors|index)\.[jt]s$/;
const STANDALONE = ["mqtt-xs", "ecma419"];

/** The same of MQTT 5.0. */
const V5 = /src\/v5\.[jt]s$/;

const ROOT = dirname(fileURLToPath(import.meta.url));

/** The options of tsconfig.json, for one program of the entries alone. */
function readOptions() {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/** Checks the types of what is built, and writes its declarations to dist/types. Once, for all entries. */
function declarations() {
  return {
    name: "declarations",
    buildStart() {
      const options = { ...readOptions(), noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: "dist/types" };
      const program = ts.createProgram([...Object.values(ENTRIES), "hosts/device/embedded.d.ts"], options);
      const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
      if (problems.length === 0) {
        for (const [name, entry] of Object.entries(ENTRIES)) writeFileSync(`dist/${name}.d.ts`, forward(entry));
        return;
      }
      const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => "\n" };
      this.error(ts.formatDiagnostics(problems, host));
    },
  };
}

/** Beside each module, where mcconfig's tsc looks for them: its declarations. */
function forward(entry) {
  const types = `./types/${entry.replace(/\.ts$/, ".js")}`;
  const hasDefault = /^export default|export \{ default/m.test(readFileSync(entry, "utf8"));
  return `export * from "${types}";\n${hasDefault ? `export { default } from "${types}";\n` : ""}`;
}

/** Empties dist, so that nothing stays of an earlier build. */
function cleanly() {
  return {
    name: "cleanly",
    buildStart() {
      rmSync("dist", { recursive: true, force: true });
    },
  };
}

export default Object.entries(ENTRIES).map(([name, input], index) => ({
  input,
  output: {
    file: `dist/${name}.js`,
    format: "es",
    generatedCode: "es2015",
    paths: (id) => (LIBRARY.test(id) ? "mqtt-xs" : V5.test(id) ? "mqtt-xs/v5" : id),
  },
  makeAbsoluteExternalsRelative: false,
  external: (id, importer, resolved) =>
    EXTERNAL.test(id) || (!STANDALONE.includes(name) && resolved && importer !== undefined && (LIBRARY.test(id) || V5.test(id))),
  plugins: [
    ...(index === 0 ? [cleanly(), declarations()] : []),
    typescript({ compilerOptions: { noEmit: false }, include: ["src/**/*.ts", "hosts/**/*.ts"], noEmitOnError: true }),
    terser({ module: true, compress: COMPRESSION }),
  ],
  onwarn: (warning) => {
    throw new Error(warning.message);
  },
}));
