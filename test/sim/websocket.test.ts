import { describe, expect, it, vi } from "vitest";
import { allocations, NOTHING, OPERATIONS } from "./support/allocations.js";
import { Fragments, type Manner, plainly } from "./support/channel.js";
import { checking, LARGE } from "./support/large-messages.js";
import { acknowledge, type Answer, CONNECT, PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC } from "./support/peer.js";
import { program } from "./support/program.js";
import { sending } from "./support/sender.js";
import { expectNoGrowth } from "./support/reconnects.js";
import { runSession, type SessionOptions } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

const TOPIC = "greenhouse/1/temperature/in";

const overWebSocket = (name: string, options?: SessionOptions): ReturnType<typeof allocations> =>
  allocations(name, { webSocket: plainly, ...options });

describe("receiving over WebSocket allocates nothing", () => {
  const MESSAGES = { topic: TOPIC, payload: "a".repeat(32), count: OPERATIONS };
  const HANDLED = [OPERATIONS, OPERATIONS, 0];
  const receive = (qos: 0 | 1 | 2, webSocket: Manner = plainly): ReturnType<typeof allocations> =>
    overWebSocket("receive", { ...sending({ ...MESSAGES, qos }), webSocket });

  it("with QoS 0", async () => {
    const { steady, reports } = await receive(0);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
  });

  it("with QoS 1 and its PUBACK", async () => {
    const { steady, reports, received } = await receive(1);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBACK]).toBe(OPERATIONS);
  });

  it("with QoS 2 and its PUBREC, PUBREL and PUBCOMP", async () => {
    const { steady, reports, received } = await receive(2);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBREC]).toBe(OPERATIONS);
    expect(received[PUBCOMP]).toBe(OPERATIONS);
  });

  it.each([0, 1, 2] as const)("in fragments, with pings in between that are answered, QoS %i", async (qos) => {
    const manner = new Fragments(9);
    const { steady, reports } = await receive(qos, manner);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    // Of pings that come at once only the latest has to be answered (RFC 6455, 5.5.3): how many that are is the network's matter.
    const answered = manner.pongs.map((pong) => Number(/^ping (\d+)$/.exec(pong)?.[1]));
    expect(answered.length).toBeGreaterThan(OPERATIONS / 10);
    expect(answered.every((ping, at) => ping > (answered[at - 1] ?? 0))).toBe(true);
  });
});

describe("keeping alive over WebSocket allocates nothing", () => {
  it("with PINGREQ and PINGRESP", async () => {
    const { steady, received } = await overWebSocket("ping");
    expect(steady).toEqual(NOTHING);
    expect(received[PINGREQ]).toBe(OPERATIONS);
  });
});

describe("a message of 10 kB over WebSocket in buffers of 512 bytes allocates nothing", () => {
  it.each(["0", "1", "2"])("going out, QoS %s", async (qos) => {
    const { answer, damaged } = checking();
    const { steady, received } = await overWebSocket("publish-large", { answer, arguments: [qos, "bytes"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
    expect(damaged()).toBe(0);
  });

  it.each([
    [0, plainly],
    [1, new Fragments(1_000)],
    [2, new Fragments(300)],
  ] as const)("coming in, QoS %i", async (qos, webSocket) => {
    const messages = sending({ topic: TOPIC, payload: LARGE, qos, count: OPERATIONS });
    const { steady, reports } = await overWebSocket("receive-large", { webSocket, ...messages });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("bad")).toEqual([0]);
  });
});

describe("when a connection over WebSocket is lost", () => {
  it("makes another one, and sends again what was not acknowledged", async () => {
    let connections = 0;
    const published: Buffer[] = [];
    const answer: Answer = (packet, peer) => {
      if (packet[0] >> 4 === CONNECT) return Uint8Array.of(0x20, 2, connections++ === 0 ? 0 : 1, 0);
      if (packet[0] >> 4 === PUBLISH) published.push(Buffer.from(packet));
      if (connections > 1) return acknowledge(packet);
      if (published.length === 2) peer.drop();
      return undefined;
    };
    const report = await runSession(program("reconnect"), { answer, webSocket: plainly });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    expect(report.trace).toEqual(["disconnected ERR_CONNECTION_CLOSED", "disconnected in order"]);
    expect(report.reports.get("connected")).toEqual([2, 1]);
    expect(published.slice(2).map(([first]) => first & 8)).toEqual([8, 8]);
  });

  it("uses no more memory after fifty reconnects than after ten", () => expectNoGrowth({ webSocket: plainly }));
});

it("a client over WebSocket fits the heap that a firmware may leave it", async () => {
  const report = await runSession(program("publish"), { webSocket: plainly, arguments: ["1"], heap: 32_768 });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
});
