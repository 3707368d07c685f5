import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The apps, which are built with mcconfig. */
const APPS = [
  "hosts/mcsim/manifest.json",
  "hosts/mcsim/v5/manifest.json",
  "hosts/mcsim/stored/manifest.json",
  "hosts/mcsim/endurance/manifest.json",
  "hosts/mcsim/endurance-v5/manifest.json",
  "hosts/esp32/manifest.json",
  "hosts/esp32/tls/manifest.json",
  "hosts/esp32/deep-sleep/manifest.json",
];

/** Which manifests of the SDK have the modules that the apps import; "" for what mcconfig makes of the app's own manifest. */
const SDK_MODULES: Readonly<Record<string, readonly string[]>> = {
  Resource: ["$(MODDABLE)/examples/manifest_base.json", "$(MODDABLE)/examples/io/tcp/tlssocket/manifest.json"],
  time: ["$(MODDABLE)/examples/manifest_base.json"],
  timer: ["$(MODDABLE)/examples/manifest_base.json"],
  net: ["$(MODDABLE)/examples/manifest_net.json"],
  sntp: ["$(MODDABLE)/examples/manifest_net.json"],
  instrumentation: ["$(MODULES)/base/instrumentation/manifest.json", "$(MODDABLE)/modules/base/instrumentation/manifest.json"],
  "piu/MC": ["$(MODDABLE)/examples/manifest_piu.json"],
  "piu/shape": ["$(MODULES)/piu/MC/outline/manifest.json"],
  "commodetto/outline": ["$(MODULES)/piu/MC/outline/manifest.json"],
  "embedded:network/interface/wifi": ["$(MODDABLE)/examples/manifest_net.json"],
  "embedded:storage/files": ["$(MODDABLE)/modules/io/files/manifest.json"],
  "mc/config": [""],
  "mc/ffi": [""],
};

type Modules = Readonly<Record<string, string | readonly string[]>>;

interface Manifest {
  readonly include?: readonly string[];
  readonly modules?: Modules;
  readonly preload?: readonly string[];
}

/** All that an app is made of: where modules come from, by name, and the SDK's manifests. */
interface App {
  readonly modules: Map<string, string>;
  readonly sdk: Set<string>;
  readonly preloads: Set<string>;
}

const read = (path: string): Manifest => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Manifest;

/** The files behind a target such as `./main` or `./app/*`, relative to the manifest. Those in dist are built. */
function filesOf(folder: string, target: string): string[] {
  const path = normalize(join(folder, target));
  if (path.startsWith("dist/")) return [`${path}.js`];
  const names = readdirSync(join(ROOT, dirname(path))).filter((name) => /(?<!\.d)\.[jt]s$/.test(name));
  const wanted = names.filter((name) => basename(path) === "*" || name.replace(/\.[jt]s$/, "") === basename(path));
  return wanted.map((name) => join(dirname(path), name));
}

/** The name of a module, from its key in the manifest, where `*` stands for the file's. */
function nameOf(key: string, file: string): string {
  return key.replace("*", basename(file).replace(/\.[jt]s$/, ""));
}

function appOf(path: string, app: App = { modules: new Map(), sdk: new Set(), preloads: new Set() }): App {
  const { include = [], modules = {}, preload = [] } = read(path);
  for (const included of include) {
    if (included.startsWith("$(")) app.sdk.add(included);
    else appOf(normalize(join(dirname(path), included)), app);
  }
  for (const [key, targets] of Object.entries(modules)) {
    for (const target of [targets].flat()) {
      if (target.startsWith("$(")) continue;
      const files = filesOf(dirname(path), target);
      expect(files, `${path}: ${target}`).not.toEqual([]);
      for (const file of files) {
        if (key === "~") leaveOut(file, app);
        else take(nameOf(key, file), file, path, app);
      }
    }
  }
  for (const name of preload) app.preloads.add(name);
  return app;
}

function leaveOut(file: string, { modules }: App): void {
  for (const [name, source] of modules) if (source === file) modules.delete(name);
}

/** A module has one source: another can only stand in its place where the first has been left out. */
function take(name: string, file: string, path: string, { modules }: App): void {
  expect(modules.get(name) ?? file, `${path}: ${name}`).toBe(file);
  modules.set(name, file);
}

/** What a source imports, by the name of the module on the device. */
function importsOf(name: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"));
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith(".") ? join(dirname(name), fileName).replace(/\.js$/, "") : fileName,
  );
}

describe.each(APPS)("%s", (path) => {
  it("includes manifests and names files that exist", () => {
    expect(appOf(path).modules.size).toBeGreaterThan(0);
  });

  it("has, or has the SDK bring, every module that its own import", () => {
    const { modules, sdk } = appOf(path);
    for (const [name, file] of modules) {
      if (file.startsWith("dist/")) continue; // test/package.test.ts sees to those
      for (const imported of importsOf(name, file)) {
        const sources = SDK_MODULES[imported] as readonly string[] | undefined;
        if (sources === undefined) expect([...modules.keys()], `${file} imports ${imported}`).toContain(imported);
        else expect(sources.some((source) => source === "" || sdk.has(source)), `${file} imports ${imported}`).toBe(true);
      }
    }
  });

  it("preloads modules that it has", () => {
    const { modules, preloads } = appOf(path);
    for (const name of preloads) expect([...modules.keys()]).toContain(name);
  });

  it("takes from dist what is built", () => {
    const built = readFileSync(join(ROOT, "rollup.config.js"), "utf8");
    for (const file of appOf(path).modules.values())
      if (file.startsWith("dist/")) expect(built).toMatch(new RegExp(`\\b${basename(file, ".js")}"?: "`));
  });
});

/** What is only there for MQTT 5.0. */
const OF_V5 = ["dist/v5.js", "dist/request.js", "dist/scram-sha-256.js", "dist/telemetry-v5.js"];

const filesIn = (path: string): string[] => [...appOf(path).modules.values()];

describe("an app for either version of MQTT", () => {
  const IN_V5 = {
    "hosts/mcsim/manifest.json": "hosts/mcsim/v5/manifest.json",
    "hosts/mcsim/endurance/manifest.json": "hosts/mcsim/endurance-v5/manifest.json",
  };

  it.each(APPS.filter((path) => !path.includes("v5")))("has nothing of 5.0 where it speaks 3.1.1: %s", (path) => {
    for (const file of OF_V5) expect(filesIn(path)).not.toContain(file);
  });

  it.each(Object.entries(IN_V5))("differs in the firmware only: %s and %s", (path, other) => {
    const expected = filesIn(path).filter((file) => file !== "dist/telemetry.js");
    expect(filesIn(other).sort()).toEqual([...expected, "dist/telemetry-v5.js", "dist/v5.js"].sort());
  });

  it.each(Object.values(IN_V5))("preloads the firmware of 5.0 and its client: %s", (path) => {
    const { modules, preloads } = appOf(path);
    expect(modules.get("mqtt-xs/telemetry")).toBe("dist/telemetry-v5.js");
    expect([...preloads]).toEqual(expect.arrayContaining(["mqtt-xs/telemetry", "mqtt-xs/v5"]));
  });
});
