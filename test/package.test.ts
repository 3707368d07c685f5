import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TIMEOUT = 240_000;

/** Modules of the SDK that ours import, by where the manifests have them from. */
const SDK_MODULES: Readonly<Record<string, string>> = {
  time: "$(MODDABLE)/examples/manifest_base.json",
  timer: "$(MODDABLE)/examples/manifest_base.json",
  system: "$(MODDABLE)/modules/io/manifest.json",
  "embedded:io/socket/tcp": "$(MODDABLE)/modules/io/manifest.json",
  "embedded:storage/flash": "$(MODDABLE)/modules/io/flash/manifest.json",
  "embedded:io/socket/udp": "$(MODDABLE)/modules/io/manifest.json",
  "embedded:network/dns/resolver/udp": "$(MODDABLE)/examples/io/udp/dns/manifest_dns.json",
  "embedded:io/socket/tcp/tls": "$(MODDABLE)/examples/io/tcp/tlssocket/manifest.json",
};

/** Our manifests for libraries, which apps include. Those of apps are tested with the apps. */
const MANIFESTS = [
  "manifest.json",
  "hosts/device/manifest_payload.json",
  "hosts/device/manifest_tls.json",
  "hosts/device/manifest_websocket.json",
  "hosts/device/manifest_scram.json",
  "hosts/device/manifest_v5.json",
  "hosts/device/manifest_request.json",
  "hosts/device/manifest_store.json",
  "hosts/device/manifest_flash.json",
  "hosts/device/manifest_queue.json",
  "hosts/device/manifest_ecma419.json",
  "hosts/telemetry/manifest.json",
  "hosts/telemetry/manifest_v5.json",
];

interface Manifest {
  readonly include?: readonly string[];
  readonly modules?: Readonly<Record<string, string>>;
  readonly preload?: readonly string[];
}

interface Export {
  readonly types: string;
  readonly moddable?: string;
  readonly default: string;
}

const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-package-"));
const app = join(folder, "app");
/** The package as an app has it. */
const installed = join(app, "node_modules/mqtt-xs");

function run(command: string, args: readonly string[], cwd: string): string {
  // What npm and vitest set for their own children is not for these.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|vitest|node_env)/i.test(name)));
  try {
    return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const manifestAt = (path: string): Manifest => readJson(join(installed, path)) as Manifest;

/** All that a manifest brings along: its own modules, and those of ours that it includes. */
function closure(path: string): { modules: Map<string, string>; sdk: Set<string> } {
  const found = { modules: new Map<string, string>(), sdk: new Set<string>() };
  const visit = (at: string): void => {
    const { include = [], modules = {} } = manifestAt(at);
    for (const [name, target] of Object.entries(modules)) found.modules.set(name, join(dirname(at), `${target}.js`));
    for (const included of include) {
      if (included.startsWith("$(MODDABLE)/")) found.sdk.add(included);
      else visit(normalize(join(dirname(at), included)));
    }
  };
  visit(path);
  return found;
}

/** Where an app gets each of our modules from. */
const allModules = (): Map<string, string> => new Map(MANIFESTS.flatMap((path) => [...closure(path).modules]));

beforeAll(() => {
  run("npx", ["rollup", "-c", "--silent"], ROOT);
  const tarball = run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT).trim();
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", version: "1.0.0", type: "module" }));
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--offline", join(folder, tarball)], app);
}, TIMEOUT);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("The package", () => {
  it("holds what is built, manifests and hosts, and nothing else", () => {
    const [{ files }] = JSON.parse(run("npm", ["pack", "--json", "--dry-run"], ROOT)) as [{ files: { path: string }[] }];
    const places = new Set(files.map(({ path }) => path.split("/")[0]));
    expect([...places].sort()).toEqual(["LICENSE", "README.md", "dist", "hosts", "manifest.json", "package.json"]);
  });

  it("has a module and its declarations for every export, and under the condition of mcpack where it is for devices", () => {
    const { exports } = readJson(join(installed, "package.json")) as { exports: Record<string, Export | string> };
    for (const [name, target] of Object.entries(exports)) {
      if (typeof target === "string") continue;
      for (const path of Object.values(target) as string[]) expect(existsSync(join(installed, path)), path).toBe(true);
      expect(target.moddable, name).toBe(name.startsWith("./node") ? undefined : target.default);
    }
  });

  it("has mcpack include the manifest", () => {
    const { moddable } = readJson(join(installed, "package.json")) as { moddable: { manifest: Manifest } };
    expect(moddable.manifest.include).toEqual(["./manifest.json"]);
  });

  it("needs nothing at run time", () => {
    expect(readJson(join(installed, "package.json"))).not.toHaveProperty("dependencies");
  });

  it.each(["mqtt-xs", "mqtt-xs/payload", "mqtt-xs/websocket", "mqtt-xs/scram-sha-256", "mqtt-xs/v5", "mqtt-xs/request", "mqtt-xs/node", "mqtt-xs/telemetry", "mqtt-xs/telemetry/v5"])("is imported on Node.js: %s", (name) => {
    const script = `const module = await import(${JSON.stringify(name)}); console.log(Object.keys(module).length)`;
    expect(Number(run("node", ["--input-type=module", "-e", script], app))).toBeGreaterThan(0);
  });
});

describe.each(MANIFESTS)("%s", (path) => {
  it("names files that exist", () => {
    const { modules, sdk } = closure(path);
    for (const target of modules.values()) expect(existsSync(join(installed, target)), target).toBe(true);
    for (const included of sdk) expect(Object.values(SDK_MODULES)).toContain(included);
  });

  it("preloads all its modules, and no others", () => {
    const { modules = {}, preload } = manifestAt(path);
    expect(preload).toEqual(Object.keys(modules));
  });

  it("has declarations beside its modules, where mcconfig's tsc looks for them", () => {
    const { modules } = closure(path);
    for (const target of modules.values()) expect(existsSync(join(installed, target.replace(/js$/, "d.ts"))), target).toBe(true);
  });
});

describe("Modules", () => {
  /** Everything that a module imports, by name; rollup refuses what the other module does not export. */
  async function importsOf(file: string): Promise<string[]> {
    const modules = allModules();
    const imported: string[] = [];
    const graph = await rollup({
      input: join(installed, file),
      onwarn: (warning) => {
        if (warning.code !== "CIRCULAR_DEPENDENCY") throw new Error(warning.message);
      },
      plugins: [
        {
          name: "imports",
          resolveId(name, importer) {
            if (importer === undefined) return null;
            imported.push(name);
            if (name in SDK_MODULES) return { id: name, external: true };
            const target = modules.get(name);
            return target === undefined ? null : join(installed, target);
          },
        },
      ],
    });
    await graph.close();
    return imported;
  }

  it.each([
    ["manifest.json", "mqtt-xs"],
    ["manifest.json", "mqtt-xs/device"],
    ["hosts/device/manifest_payload.json", "mqtt-xs/payload"],
    ["hosts/device/manifest_tls.json", "mqtt-xs/device/tls"],
    ["hosts/device/manifest_websocket.json", "mqtt-xs/websocket"],
    ["hosts/device/manifest_scram.json", "mqtt-xs/scram-sha-256"],
    ["hosts/device/manifest_v5.json", "mqtt-xs/v5"],
    ["hosts/device/manifest_request.json", "mqtt-xs/request"],
    ["hosts/device/manifest_store.json", "mqtt-xs/store"],
    ["hosts/device/manifest_flash.json", "mqtt-xs/device/flash"],
    ["hosts/device/manifest_queue.json", "mqtt-xs/queue"],
    ["hosts/device/manifest_ecma419.json", "embedded:network/mqtt/client"],
    ["hosts/device/manifest_ecma419.json", "mqtt-xs/device/network"],
    ["hosts/telemetry/manifest.json", "mqtt-xs/telemetry"],
    ["hosts/telemetry/manifest_v5.json", "mqtt-xs/telemetry/v5"],
  ])("of %s: %s imports what the manifests and the SDK have", async (path, name) => {
    const { modules, sdk } = closure(path);
    const imported = await importsOf(modules.get(name) ?? "missing");
    // What stands for additions to the client is included beside the root manifest.
    const base = closure("manifest.json");
    for (const each of imported) {
      const source = SDK_MODULES[each] as string | undefined;
      if (source === undefined) expect([...modules.keys(), ...base.modules.keys()]).toContain(each);
      else expect([...sdk, ...base.sdk]).toContain(source);
    }
  });

  it("of the firmware bring MQTT 5.0 along only where it is asked for", async () => {
    expect(new Set(await importsOf("dist/telemetry.js"))).toEqual(new Set(["mqtt-xs", "mqtt-xs/payload"]));
    expect([...closure("hosts/telemetry/manifest.json").modules.keys()].filter((name) => name.endsWith("v5"))).toEqual([]);
    expect(new Set(await importsOf("dist/telemetry-v5.js"))).toEqual(new Set(["mqtt-xs", "mqtt-xs/payload", "mqtt-xs/v5"]));
  });

  it("of the client do not bring the ECMA-419 class, TLS or WebSocket along", async () => {
    expect(await importsOf("dist/mqtt-xs.js")).toEqual([]);
    expect(new Set(await importsOf("dist/device.js"))).toEqual(new Set(["mqtt-xs", "time", "timer", "embedded:io/socket/tcp"]));
  });
});

describe("Types", () => {
  const SOURCE = `
    import { Client, type Message, MqttError, Topic } from "mqtt-xs";
    import { Payload } from "mqtt-xs/payload";
    import { WebSocketTransport } from "mqtt-xs/websocket";
    import { type Authenticator, ScramSha256 } from "mqtt-xs/scram-sha-256";
    const authenticator: Authenticator = new ScramSha256({ username: "user", password: "pencil" });
    authenticator.begin();
    import { Client as Client5 } from "mqtt-xs/v5";
    import { Requester, Responder } from "mqtt-xs/request";
    const client5 = new Client5({ transport: new TcpTransport({ host: "broker" }), clock: new DeviceClock(), authenticator });
    const requester = new Requester({ client: client5, clock: new DeviceClock(), responseTopic: "a", onResponse: (_, message) => message.text() });
    requester.request("b", "c", 1, requester.properties({ contentType: "d" }));
    const responder = new Responder({ client: client5, filter: "b", onRequest: (request) => { responder.respond(request, "e"); } });
    import { DeviceClock, TcpTransport } from "mqtt-xs/device";
    import { TlsTransport } from "mqtt-xs/device/tls";
    import { telemetry } from "mqtt-xs/telemetry";
    import { telemetry as telemetry5 } from "mqtt-xs/telemetry/v5";
    const transport = new WebSocketTransport({ transport: new TlsTransport({ host: "broker" }), host: "broker" });
    const client = new Client({ transport, clock: new DeviceClock(), onDisconnect: (error?: MqttError) => error?.code });
    client.subscribe({ filter: "a", handler: (message: Message) => message.text() });
    const identifier: number = client.publish(new Topic("a"), new Payload(8).number(1));
    telemetry({ transport: new TcpTransport({ host: "broker" }), clock: new DeviceClock(), clientId: String(identifier) });
    telemetry5({ transport, clock: new DeviceClock(), clientId: "a", sessionExpiryInterval: 60, observer: { onRefused: (sequence) => sequence } });
    // @ts-expect-error -- a quality of service of 3
    client.publish("a", "b", 3);
  `;
  const OPTIONS = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: "ES2024", lib: ["ES2024"], types: [] };

  function check(compilerOptions: object, source: string): void {
    writeFileSync(join(app, "main.ts"), source);
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...OPTIONS, ...compilerOptions }, files: ["main.ts"] }));
    run(join(ROOT, "node_modules/.bin/tsc"), ["-p", app], app);
  }

  it.each(["bundler", "nodenext"])("are found by plain tsc with module resolution %s", (moduleResolution) => {
    check({ module: moduleResolution === "bundler" ? "ESNext" : "NodeNext", moduleResolution }, SOURCE);
  }, TIMEOUT);

  it("are found by mcconfig's tsc, which maps modules to files as the manifests do", () => {
    const paths = Object.fromEntries([...allModules()].map(([name, target]) => [name, [`./${relative(app, join(installed, target)).replace(/\.js$/, "")}`]]));
    const ecma419 = `
      import MQTTClient from "embedded:network/mqtt/client";
      new MQTTClient({ host: "broker", address: "127.0.0.1", socket: { io: class { read() {} write() {} close() {} } }, onControl(message) {
        if (message.operation === MQTTClient.CONNACK) this.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "a", QoS: 1 }] });
      } });
    `;
    check({ module: "preserve", paths }, SOURCE + ecma419);
  }, TIMEOUT);
});
