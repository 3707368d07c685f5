import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FUZZ_TIMEOUT, runs } from "../fuzz/runs.js";
import { concat, mqttString, publish, remainingLength, uint16, type ClientPacket, type QoS } from "../support/packets.js";
import { connected, pattern, type Fixture } from "./support.js";
import { TCP, TLS } from "./support/fake-socket.js";

/** What the application, the network and the server do. */
type Act =
  | { readonly kind: "publish"; readonly qos: QoS; readonly length: number; readonly total: number }
  | { readonly kind: "fragment"; readonly length: number }
  | { readonly kind: "subscribe" | "ping" | "receive" }
  | { readonly kind: "drain"; readonly room: number };

const length = fc.oneof(fc.nat(20), fc.integer({ min: 100, max: 300 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant("publish" as const), qos: fc.constantFrom<QoS>(0, 1, 2), length, total: fc.oneof(fc.constant(0), length) }),
  fc.record({ kind: fc.constant("fragment" as const), length }),
  fc.record({ kind: fc.constantFrom("subscribe" as const, "ping" as const, "receive" as const) }),
  fc.record({ kind: fc.constant("drain" as const), room: fc.oneof(fc.nat(40), fc.integer({ min: 40, max: 1_000 })) }),
);

/** The application, with what it has written, as far as that was taken. */
class Writer {
  readonly published: Uint8Array[] = [];
  /** The rest of the message that is being written, and its bytes so far. */
  rest = 0;
  #payload: Uint8Array[] = [];
  /** What was last said may be written; undefined when something else has taken of it since. */
  #promised: number | undefined;
  readonly #fixture: Fixture;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  perform(it: Act): void {
    const { client, server } = this.#fixture;
    if (it.kind === "publish") this.#publish(it.qos, it.length, Math.max(it.length, it.total));
    else if (it.kind === "fragment") this.fragment(it.length);
    else if (it.kind === "ping") this.#write(2, () => client.write(null, { operation: 12 }));
    else if (it.kind === "subscribe") this.#write(8, () => client.write(null, { operation: 8, items: [{ topic: "t" }] }));
    else {
      this.#promised = undefined;
      if (it.kind === "drain") server.drain(it.room);
      else server.send(publish({ topic: "in", qos: 1, identifier: 7 }));
    }
  }

  fragment(bytes: number): void {
    const piece = pattern(bytes);
    const isTaken = this.#write(bytes + 8, () => this.#fixture.client.write(piece), this.rest > 0 && bytes <= this.rest);
    if (isTaken) this.#took(piece);
  }

  #publish(qos: QoS, bytes: number, total: number): void {
    const piece = pattern(bytes);
    const body = concat(mqttString("out"), qos > 0 ? uint16(1) : Uint8Array.of());
    const size = 1 + remainingLength(body.length + total).length + body.length + bytes;
    if (!this.#write(size, () => this.#fixture.client.write(piece, { topic: "out", QoS: qos, byteLength: total }))) return;
    this.rest = total;
    this.#took(piece);
  }

  #took(piece: Uint8Array): void {
    this.#payload.push(piece);
    this.rest -= piece.length;
    if (this.rest === 0) this.published.push(concat(...this.#payload.splice(0)));
  }

  /** Whether it was taken, which it must be when it is allowed, and there was said to be room. */
  #write(size: number, write: () => number, isAllowed = this.rest === 0): boolean {
    try {
      this.#promised = write();
    } catch (error) {
      expect(error).toMatchObject({ name: "MqttError", fault: "caller" });
      if (isAllowed && this.#promised !== undefined && this.#promised > 0) expect(size).toBeGreaterThan(this.#promised + 8);
      return false;
    }
    expect(isAllowed).toBe(true);
    return true;
  }
}

function payloadsOf(packets: readonly ClientPacket[]): Uint8Array[] {
  return packets.flatMap((packet) => (packet.type === "PUBLISH" ? [packet.payload] : []));
}

describe("What an application writes", { timeout: FUZZ_TIMEOUT }, () => {
  it("is sent as it was taken, and nothing of what was refused; acknowledgements come between, but never within", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.constantFrom(TCP, TLS), fc.integer({ min: 32, max: 300 }), (acts, manner, packetSize) => {
        const fixture = connected({ packetSize, onControl: undefined as never }, manner);
        const { server } = fixture;
        const writer = new Writer(fixture);
        for (const each of acts) writer.perform(each);
        for (let round = 0; round < 10; round++) server.drain(2_000);
        while (writer.rest > 0) writer.fragment(Math.min(writer.rest, 100));
        server.drain();
        const sent = server.take();
        expect(payloadsOf(sent)).toEqual(writer.published);
        const received = acts.filter(({ kind }) => kind === "receive").length;
        expect(sent.filter(({ type }) => type === "PUBACK")).toHaveLength(received);
        expect(fixture.events).toEqual([]);
      }),
      runs(600),
    );
  });
});
