import { describe, expect, it, vi } from "vitest";
import { run } from "../../hosts/sim/runner.js";
import { freePort } from "../support/free-port.js";
import { acknowledge, type Answer, PUBLISH } from "./support/peer.js";
import { program } from "./support/program.js";
import { sending } from "./support/sender.js";
import { runSession } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

const UNSUBSCRIBE = 10;
const DISCONNECT = 14;

/** A server that grants and acknowledges everything, sends back what is published, with QoS 0, and ends when it is told to. */
const echo: Answer = (packet, peer) => {
  const type = packet[0] >> 4;
  if (type === DISCONNECT) peer.drop();
  if (type === UNSUBSCRIBE) return Uint8Array.of(0xb0, 2, packet[2], packet[3]);
  const answer = acknowledge(packet);
  return type === PUBLISH && answer ? Buffer.concat([answer, withoutQuality(packet)]) : answer;
};

/** A PUBLISH of QoS 1 or 2 as one of QoS 0: two bytes shorter. */
function withoutQuality(packet: Buffer): Buffer {
  const head = packet.findIndex((byte, index) => index > 0 && byte < 0x80) + 1;
  const topicEnd = head + 2 + packet.readUInt16BE(head);
  const body = Buffer.concat([packet.subarray(head, topicEnd), packet.subarray(topicEnd + 2)]);
  const length = body.length < 0x80 ? [body.length] : [(body.length & 0x7f) | 0x80, (body.length >> 7) & 0x7f | 0x80, body.length >> 14];
  return Buffer.concat([Buffer.of(0x30, ...length), body]);
}

describe("ECMA-419's class on XS", () => {
  it("runs the SDK's example, with the device's class and socket, and gives back all that it took", async () => {
    const published: Buffer[] = [];
    const answer: Answer = (packet, peer) => {
      if (packet[0] >> 4 === PUBLISH) published.push(packet);
      return echo(packet, peer);
    };
    const report = await runSession(program("ecma419"), { answer });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    expect(report.trace.filter((line) => line.startsWith("operation")).toSorted()).toEqual([
      "operation 11, id 2, no payload",
      "operation 13, id 0, no payload",
      "operation 2, id 0, no payload",
      "operation 4, id 1234, no payload",
      "operation 5, id 3, no payload",
      "operation 7, id 3, no payload",
      "operation 9, id 1, 2,0 payload",
    ]);
    expect(report.trace.filter((line) => !line.startsWith("operation"))).toEqual([
      "message to foo/bar/small: SMALL",
      "message to foo/bar/xxl: XXLAAAAAAA",
      "closed",
    ]);
    expect(published.map(({ length }) => length)).toEqual([2 + 2 + 13 + 2 + 6, 4 + 2 + 11 + 2 + 3 + 16_384]);
  });

  it.each([0, 1, 2] as const)("receives 400 messages of QoS %i, and uses no more memory than after 200", async (qos) => {
    const heap = new Map<number, number[]>();
    const messages = sending({ topic: "in", payload: "a".repeat(32), qos, count: 400 });
    const report = await runSession(program("ecma419-receive"), {
      ...messages,
      onReport(peer, name, numbers) {
        const [received, ...used] = numbers;
        if (name === "heap") heap.set(received, used);
        else messages.onReport?.(peer, name, numbers);
      },
    });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    expect([...heap.keys()]).toEqual([100, 200, 300, 400]);
    expect(heap.get(400)).toEqual(heap.get(200));
  });

  it("tells that nobody listens, and gives back all that it took", async () => {
    const report = await run(program("ecma419-fail"), { timeout: 50_000, arguments: [String(await freePort())] });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    expect(report.trace).toEqual([expect.stringMatching(/^MqttError: .* true$/)]);
  });

  it("fits the heap that a firmware may leave it", async () => {
    const report = await runSession(program("ecma419"), { answer: echo, heap: 24_576 });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
  });
});
