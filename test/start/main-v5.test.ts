import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IPublishPacket } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { AedesBroker } from "../support/aedes-broker.js";
import { MosquittoBroker, mosquittoAvailable, type MosquittoBrokerOptions } from "../support/mosquitto-broker.js";
import { parsePackets, type ClientPacket } from "../support/v5/packets.js";
import { soon } from "../support/waiting.js";
import { Command, start } from "./command.js";
import { RecordingProxy } from "./recording-proxy.js";

const QUICK = ["--count", "8", "--interval", "20"];
const NO_MEMORY = { slotsPerMessage: null, chunkBytesPerMessage: null, collections: null, heapBytes: null };

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function mosquitto(options?: MosquittoBrokerOptions): Promise<MosquittoBroker> {
  const broker = await MosquittoBroker.start(options);
  cleanups.push(() => broker.stop());
  return broker;
}

/** Lets the firmware publish nothing but its status. */
function accessFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-access-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "access");
  writeFileSync(file, "topic write mqtt-xs/+/status\ntopic read #\n", { mode: 0o644 });
  return file;
}

/** What a client hears of the topics of npm start. */
async function listen(place: string): Promise<IPublishPacket[]> {
  const heard: IPublishPacket[] = [];
  const client = await connectAsync(place, { protocolVersion: 5 });
  cleanups.push(() => client.endAsync());
  client.on("message", (_topic, _payload, packet) => heard.push(packet));
  await client.subscribeAsync("mqtt-xs/#", { qos: 1 });
  return heard;
}

/** Whether it is the firmware that sent these packets, rather than the witness or who tidies up after it. */
function isFirmware([first]: readonly ClientPacket[]): boolean {
  return first.type === "CONNECT" && !first.cleanStart;
}

describe.skipIf(!mosquittoAvailable()).each(["node", "sim"])("npm start -- --protocol 5 on %s", { timeout: 120_000 }, (host) => {
  const on = (...args: string[]): string[] => ["--protocol", "5", "--host", host, ...args];
  const memory = host === "sim" ? { slotsPerMessage: 0, chunkBytesPerMessage: 0, collections: 0, heapBytes: 65_536 } : NO_MEMORY;

  it.each([
    ["QoS 0", ["--qos", "0"]],
    ["QoS 1", ["--qos", "1"]],
    ["QoS 2", ["--qos", "2"]],
    ["readings larger than the buffers", ["--payload-size", "5000"]],
  ])("delivers everything to a mosquitto of its own: %s", async (_what, args) => {
    const { status, stdout, stderr } = await start(on(...QUICK, ...args, "--json"));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      published: 8,
      acknowledged: 8,
      received: 8,
      lost: 0,
      ...memory,
      host,
      protocol: "5.0",
    });
    expect(status).toBe(0);
  });

  it("says what readings came with", async () => {
    const { status, stdout } = await start(on(...QUICK));
    expect(stdout).toMatch(/^connected: .*, to its own mosquitto on port \d+$/m);
    expect(stdout).toMatch(/, MQTT 5.0$/m);
    expect(stdout).toMatch(/^received as application\/json, temperature in °C, humidity in %, battery in V, worth delivering for 86,400 s$/m);
    expect(status).toBe(0);
  });

  it("works with a broker elsewhere, with credentials, and leaves nothing behind on it", async () => {
    const { port } = await mosquitto({ users: { anna: "s@cret", bob: "pencil" } });
    const heard = await listen(`mqtt://bob:pencil@127.0.0.1:${port}`);
    const { status, stderr } = await start(on(...QUICK, "--broker", `mqtt://anna:s%40cret@127.0.0.1:${port}`));
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const statuses = (): IPublishPacket[] => heard.filter(({ topic }) => topic.endsWith("/status"));
    await soon(() => expect(statuses().map(({ payload }) => payload.toString())).toEqual(["online", "offline", ""]));
    expect(statuses()[0].properties).toMatchObject({ contentType: "text/plain", payloadFormatIndicator: true });
  });

  it("sends the topic of its readings once, and has its session expire", async () => {
    const broker = await mosquitto();
    const proxy = await RecordingProxy.start(broker.port);
    cleanups.push(() => proxy.stop());
    const { status } = await start(on(...QUICK, "--broker", `mqtt://127.0.0.1:${proxy.port}`));
    expect(status).toBe(0);
    const packets = proxy.recordings.map(parsePackets).find(isFirmware) ?? [];
    expect(packets[0]).toMatchObject({ type: "CONNECT", properties: { sessionExpiryInterval: 86_400 } });
    const topics = packets.filter((packet) => packet.type === "PUBLISH").map(({ topic }) => topic);
    expect(topics.filter((topic) => topic.endsWith("/reading")).length).toBe(1);
    expect(topics.filter((topic) => topic === "").length).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ["Ctrl-C", 130, (command: Command) => command.pressControlC()],
    ["SIGTERM", 143, (command: Command) => command.signal("SIGTERM")],
  ])("disconnects in order on %s, from a mosquitto of its own", async (_what, expected, interrupt) => {
    const command = new Command(on("--forever", "--interval", "20"));
    await command.untilPrinted("reading 3 acknowledged");
    interrupt(command);
    const { status, stdout, stderr } = await command.ended;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^all arrived: \d+ published/m);
    expect(stdout).not.toMatch(/^disconnected/m);
    expect(status).toBe(expected);
    const port = /mosquitto on port (\d+)/.exec(stdout)?.[1];
    await expect(connectAsync(`mqtt://127.0.0.1:${port}`, {}, false)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("tells what the broker refuses, and does not count it as delivered", async () => {
    const { port } = await mosquitto({ configuration: [`acl_file ${accessFile()}`] });
    const { status, stdout } = await start(on("--count", "2", "--interval", "20", "--broker", `mqtt://127.0.0.1:${port}`));
    expect(stdout).toMatch(/^the broker refused reading 2: not authorized \(reason code 0x87\)$/m);
    expect(stdout).toMatch(/^not all arrived: 2 published, 0 acknowledged, 0 received, 2 lost$/m);
    expect(stdout).toMatch(/^2 messages refused by the broker: not authorized/m);
    expect(status).toBe(1);
  });

  it("says in one line that the broker refuses the credentials", async () => {
    const { port } = await mosquitto({ users: { anna: "secret" } });
    const { status, stdout, stderr } = await start(on("--broker", `mqtt://anna:wrong@127.0.0.1:${port}`));
    expect(stderr).toBe(`mqtt-xs: the broker mqtt://127.0.0.1:${port} refused the credentials: not authorized\n`);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});

describe("npm start -- --protocol 5", { timeout: 120_000 }, () => {
  it("says in one line that a broker speaks 3.1.1 only, and what to try", async () => {
    const broker = await AedesBroker.start();
    cleanups.push(() => broker.stop());
    const { port } = broker;
    expect(await start(["--protocol", "5", "--host", "node", "--broker", `mqtt://127.0.0.1:${port}`])).toEqual({
      status: 1,
      stdout: "",
      stderr: `mqtt-xs: the broker mqtt://127.0.0.1:${port} does not speak MQTT 5.0: try --protocol 3.1.1\n`,
    });
  });
});
