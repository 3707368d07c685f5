import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuthenticateHandler } from "aedes";
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { AedesBroker, type AedesBrokerOptions } from "../support/aedes-broker.js";
import { makeCertificates } from "../support/certificates.js";
import { freePort } from "../support/free-port.js";
import { Command, ROOT, start, type Result } from "./command.js";
import { RecordingProxy } from "./recording-proxy.js";

const QUICK = ["--count", "8", "--interval", "20"];
const NO_MEMORY = { slotsPerMessage: null, chunkBytesPerMessage: null, collections: null, heapBytes: null };
const FIRMWARE = /^mqtt-xs-\w{8}$/;

// eslint-disable-next-line no-control-regex -- escape codes are what this is about
const ESCAPE = /\x1b/;

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aedes(options?: AedesBrokerOptions): Promise<AedesBroker> {
  const broker = await AedesBroker.start(options);
  cleanups.push(() => broker.stop());
  return broker;
}

/** What is published to status topics, in order, as text. */
function statuses(broker: AedesBroker): string[] {
  const seen: string[] = [];
  broker.aedes.on("publish", ({ topic, payload }) => {
    if (topic.endsWith("/status")) seen.push(payload.toString());
  });
  return seen;
}

describe.each(["node", "sim"])("npm start on %s", { timeout: 120_000 }, (host) => {
  const on = (...args: string[]): string[] => ["--host", host, ...args];
  const memory = host === "sim" ? { slotsPerMessage: 0, chunkBytesPerMessage: 0, collections: 0, heapBytes: 65_536 } : NO_MEMORY;

  it.each([
    ["QoS 0", ["--qos", "0"]],
    ["QoS 1", ["--qos", "1"]],
    ["QoS 2", ["--qos", "2"]],
    ["readings larger than the buffers", ["--payload-size", "5000"]],
  ])("delivers everything: %s", async (_what, args) => {
    const { status, stdout, stderr } = await start(on(...QUICK, ...args, "--json"));
    expect(stderr).toBe("");
    expect(stdout.split("\n").length).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      published: 8,
      acknowledged: 8,
      received: 8,
      lost: 0,
      ...memory,
      host,
      protocol: "3.1.1",
    });
    expect(status).toBe(0);
  });

  it("prints plain lines without a terminal", async () => {
    const { status, stdout } = await start(on(...QUICK));
    expect(stdout).not.toMatch(ESCAPE);
    expect(stdout).toMatch(/^connected: /m);
    expect(stdout).toMatch(/^reading 8\/8 acknowledged after .* ms/m);
    expect(stdout).toMatch(/^all arrived: 8 published, 8 acknowledged, 8 received, 0 lost$/m);
    expect(status).toBe(0);
  });

  it("works with a broker elsewhere, and leaves nothing behind on it", async () => {
    const broker = await aedes();
    const seen = statuses(broker);
    const { status } = await start(on(...QUICK, "--broker", `mqtt://127.0.0.1:${broker.port}`));
    expect(status).toBe(0);
    expect(seen).toEqual(["online", "offline", ""]);
    expect(broker.aedes.connectedClients).toBe(0);
  });

  it.each([
    ["Ctrl-C", 130, (command: Command) => command.pressControlC()],
    ["SIGINT", 130, (command: Command) => command.signal("SIGINT")],
    ["SIGTERM", 143, (command: Command) => command.signal("SIGTERM")],
  ])("disconnects in order on %s", async (_what, expected, interrupt) => {
    const broker = await aedes();
    const seen = statuses(broker);
    const proxy = await RecordingProxy.start(broker.port);
    cleanups.push(() => proxy.stop());
    const command = new Command(on("--forever", "--interval", "20", "--broker", `mqtt://127.0.0.1:${proxy.port}`));
    await command.untilPrinted("reading 3 acknowledged");
    interrupt(command);
    const { status, stdout, stderr } = await command.ended;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^all arrived: \d+ published/m);
    expect(seen).toEqual(["online", "offline", ""]);
    expect(proxy.packetsOf(FIRMWARE).at(-1)?.type).toBe("DISCONNECT");
    expect(status).toBe(expected);
  });

  it("takes a command that changes the interval", async () => {
    const broker = await aedes();
    const place = `mqtt://127.0.0.1:${broker.port}`;
    const commander = await connectAsync(place);
    cleanups.push(() => commander.endAsync());
    broker.aedes.on("publish", ({ topic }) => {
      if (topic.endsWith("/reading")) commander.publish(topic.replace("reading", "command/interval"), "20");
    });
    const { status, stdout } = await start(on("--count", "5", "--interval", "3000", "--broker", place));
    expect(stdout).toMatch(/^interval changed to 20 ms$/m);
    expect(status).toBe(0);
  });

  it("says in one line that there is no broker", async () => {
    const port = await freePort();
    expect(await start(on("--broker", `mqtt://anna:secret@127.0.0.1:${port}`))).toEqual({
      status: 1,
      stdout: "",
      stderr: `mqtt-xs: cannot connect to the broker mqtt://127.0.0.1:${port}: connection refused; is a broker running there?\n`,
    });
  });

  it("says in one line that the broker refuses the credentials", async () => {
    const { port } = await aedes({ aedes: { authenticate: (_client, _username, _password, done) => done(null, false) } });
    expect(await start(on("--broker", `mqtt://anna:secret@127.0.0.1:${port}`))).toEqual({
      status: 1,
      stdout: "",
      stderr: `mqtt-xs: the broker mqtt://127.0.0.1:${port} refused the credentials: not authorized\n`,
    });
  });

  it("says in one line when only the firmware is refused", async () => {
    const broker = await aedes({
      aedes: { authenticate: ({ id }, _username, _password, done) => done(null, !FIRMWARE.test(id)) },
    });
    const { status, stderr } = await start(on("--json", "--broker", `mqtt://anna:secret@127.0.0.1:${broker.port}`));
    expect(stderr).toBe(`mqtt-xs: the broker mqtt://127.0.0.1:${broker.port} refused the credentials: not authorized\n`);
    expect(status).toBe(1);
  });

  it("uses the credentials", async () => {
    const { port } = await aedes({
      aedes: {
        authenticate: (_client, username, password, done) =>
          done(null, username === "anna" && password?.toString() === "s@cret"),
      },
    });
    const { status } = await start(on(...QUICK, "--broker", `mqtt://anna:s%40cret@127.0.0.1:${port}`));
    expect(status).toBe(0);
  });
});

describe("npm start on a fresh machine", { timeout: 120_000 }, () => {
  /** The project as cloned, its dependencies installed, and nothing built. */
  function clone(): string {
    const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-clone-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    for (const name of ["src", "hosts", "package.json", "tsconfig.json"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    return folder;
  }

  it("says in one line that there is no compiler, what to install, and how to go without", async () => {
    const { status, stdout, stderr } = await start([], { PATH: "/nonexistent", CC: undefined }, clone());
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^mqtt-xs: the XS simulator needs a C compiler.*apt-get install gcc make.*--host node\n$/);
    expect(status).toBe(1);
  });

  it("needs no compiler with --host node", async () => {
    const { status } = await start(["--host", "node", ...QUICK], { PATH: "/nonexistent" }, clone());
    expect(status).toBe(0);
  });
});

describe("a heap that is too small", { timeout: 120_000 }, () => {
  it("is said in one line", async () => {
    const { status, stderr } = await start([...QUICK, "--heap", "16k", "--json"]);
    expect(stderr).toBe("mqtt-xs: the device ran out of memory: a heap of 16 kB is too small (--heap gives more)\n");
    expect(status).toBe(1);
  });
});

describe.each(["node", "sim"])("npm start over TLS on %s", { timeout: 120_000 }, (host) => {
  it("works with an authority that is trusted, and with no other", async () => {
    const certificates = makeCertificates();
    cleanups.push(() => certificates.remove());
    const { port } = await aedes({ tls: certificates });
    const args = ["--host", host, ...QUICK, "--broker", `mqtts://localhost:${port}`];
    const trusted = await start(args, { NODE_EXTRA_CA_CERTS: `${certificates.directory}/ca.pem` });
    expect(trusted.stderr).toBe("");
    expect(trusted.status).toBe(0);

    const untrusted = await start(args);
    expect(untrusted.status).toBe(1);
    expect(untrusted.stderr).toMatch(/^mqtt-xs: cannot connect to the broker mqtts:\/\/localhost:\d+: .*certificate.*\n$/);
  });
});

describe("npm start over TLS on sim", { timeout: 120_000 }, () => {
  it("says in one line that it needs to be told whom to trust", async () => {
    const certificates = makeCertificates();
    cleanups.push(() => certificates.remove());
    const { port } = await aedes({ tls: certificates });
    const { status, stderr } = await start(["--broker", `mqtts://localhost:${port}`, ...QUICK], { NODE_EXTRA_CA_CERTS: "" });
    expect(stderr).toMatch(/^mqtt-xs: .*\n$/);
    expect(status).toBe(1);
  });
});

describe.each(["node", "sim"])("npm start over WebSockets on %s", { timeout: 120_000 }, (host) => {
  const toBroker = (url: string, env?: NodeJS.ProcessEnv): Promise<Result> => start(["--host", host, ...QUICK, "--broker", url], env);

  it("works with credentials", async () => {
    const authenticate: AuthenticateHandler = (_client, username, password, done) => {
      done(null, username === "anna" && password?.toString() === "s@cret");
    };
    const { port } = await aedes({ webSocketPath: "/mqtt", aedes: { authenticate } });
    const { status, stdout, stderr } = await toBroker(`ws://anna:s%40cret@127.0.0.1:${port}/mqtt`);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^all arrived: 8 published/m);
    expect(stdout).not.toMatch(/anna|cret/);
    expect(status).toBe(0);
  });

  it("works without a path, and with an address of IPv6", async () => {
    const { port } = await aedes({ webSocketPath: "/" });
    expect(await toBroker(`ws://[::ffff:127.0.0.1]:${port}`)).toMatchObject({ status: 0, stderr: "" });
  });

  it("works over TLS with an authority that is trusted, and with no other", async () => {
    const certificates = makeCertificates();
    cleanups.push(() => certificates.remove());
    const { port } = await aedes({ webSocketPath: "/mqtt", tls: certificates });
    const url = `wss://localhost:${port}/mqtt`;
    const trusted = await toBroker(url, { NODE_EXTRA_CA_CERTS: `${certificates.directory}/ca.pem` });
    expect(trusted).toMatchObject({ status: 0, stderr: "" });
    const untrusted = await toBroker(url);
    expect(untrusted.status).toBe(1);
    expect(untrusted.stderr).toMatch(/^mqtt-xs: cannot connect to the broker wss:\/\/localhost:\d+\/mqtt: .*certificate.*\n$/);
  });

  it("says in one line why there is no WebSocket", async () => {
    const { port } = await aedes({ webSocketPath: "/mqtt" });
    const place = `127.0.0.1:${port}/wrong`;
    expect(await toBroker(`ws://anna:secret@${place}`)).toEqual({
      status: 1,
      stdout: "",
      stderr: `mqtt-xs: cannot connect to the broker ws://${place}: Unexpected server response: 400\n`,
    });
  });
});

describe("the command line of npm start", { timeout: 120_000 }, () => {
  it("explains itself", async () => {
    const { status, stdout, stderr } = await start(["--help"]);
    expect(stdout).toContain("--payload-size");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("is refused in one line when it is wrong", async () => {
    expect(await start(["--qos", "3"])).toEqual({
      status: 2,
      stdout: "",
      stderr: 'mqtt-xs: --qos: expected 0 or 1 or 2, got "3" (npm start -- --help tells more)\n',
    });
  });
});
