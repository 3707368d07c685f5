import { describe, expect, it } from "vitest";
import { AWAITING_PUBCOMP, DONE } from "../../src/session/delivery.js";
import { Outbox } from "../../src/session/outbox.js";
import { PUBACK, PUBCOMP, PUBREC } from "../../src/wire/packet-type.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { toHex } from "../support/packets.js";

const NOBODY_WAITED = -1;

/** Adds a message whose packet is only its first byte, which the outbox changes, and its identifier. */
function add(outbox: Outbox, identifier: number, qos: QoS, source?: Uint8Array): void {
  const slot = outbox.free ?? expect.fail("no free slot");
  slot.packet[0] = 0x30 | (qos << 1);
  slot.source = source;
  outbox.add(slot, identifier, qos === 2, 1);
}

/** The first message that is to be sent has been. */
function markSent(outbox: Outbox): void {
  outbox.sent++;
}

/** Sends all there is to send: "2" for a PUBLISH, "2 DUP" for a repeated one, "PUBREL 2". */
function send(outbox: Outbox): string[] {
  const sent: string[] = [];
  for (let message = outbox.unsent; message; message = outbox.unsent) {
    const first = message.packet[0];
    const identifier = String(message.identifier);
    if (first === 0x62) {
      expect(toHex(message.packet.slice(0, message.length))).toBe(`62 02 ${toHex(Uint8Array.of(message.identifier >> 8, message.identifier))}`);
      sent.push(`PUBREL ${identifier}`);
    } else sent.push((first & 8) === 0 ? identifier : `${identifier} DUP`);
    markSent(outbox);
  }
  return sent;
}

/** An outbox with messages 1, 2, 3 … of these qualities of service, all sent. */
function outboxWith(...qualities: readonly QoS[]): Outbox {
  const outbox = new Outbox(8, 32);
  qualities.forEach((qos, index) => add(outbox, index + 1, qos));
  send(outbox);
  return outbox;
}

/** As with every CONNACK: all is to be sent again; then, without a session, anew. */
function restart(outbox: Outbox): number[] {
  outbox.resume();
  const delivered: number[] = [];
  for (let identifier = outbox.restart(); identifier > 0; identifier = outbox.restart()) delivered.push(identifier);
  return delivered;
}

describe("slots", () => {
  it("are as many as it was made for", () => {
    const outbox = new Outbox(2, 32);
    add(outbox, 1, 1);
    add(outbox, 2, 2);
    expect(outbox.free).toBeUndefined();
    expect(outbox.count).toBe(2);
    expect(outbox.has(3)).toBe(false);
  });

  it("become free with the last acknowledgement, not before", () => {
    const outbox = new Outbox(1, 32);
    add(outbox, 1, 2);
    send(outbox);
    outbox.acknowledge(PUBREC, 1);
    expect(outbox.free).toBeUndefined();
    send(outbox);
    outbox.acknowledge(PUBCOMP, 1);
    expect(outbox.free).toBeDefined();
    expect(outbox.count).toBe(0);
    expect(outbox.has(1)).toBe(false);
  });

  it("let go of the payload's source when the server has the message", () => {
    const outbox = new Outbox(2, 32);
    const one = outbox.free;
    add(outbox, 1, 1, Uint8Array.of(1));
    const two = outbox.free;
    add(outbox, 2, 2, Uint8Array.of(2));
    send(outbox);
    outbox.acknowledge(PUBACK, 1);
    outbox.acknowledge(PUBREC, 2);
    expect(one?.source).toBeUndefined();
    expect(two?.source).toBeUndefined();
  });

  it("are used again and again", () => {
    const outbox = new Outbox(2, 32);
    for (let identifier = 1; identifier < 100; identifier++) {
      add(outbox, identifier, 1);
      expect(send(outbox)).toEqual([String(identifier)]);
      expect(outbox.acknowledge(PUBACK, identifier)).toBe(DONE);
    }
    expect(outbox.count).toBe(0);
  });
});

describe("order (4.6)", () => {
  it("is that of publishing, of both qualities of service", () => {
    const outbox = new Outbox(4, 32);
    add(outbox, 7, 2);
    add(outbox, 3, 1);
    add(outbox, 5, 2);
    expect(send(outbox)).toEqual(["7", "3", "5"]);
  });

  it("of PUBRELs is that of their PUBRECs [MQTT-4.6.0-4]", () => {
    const outbox = outboxWith(2, 2, 2);
    for (const identifier of [2, 3, 1]) outbox.acknowledge(PUBREC, identifier);
    expect(send(outbox)).toEqual(["PUBREL 2", "PUBREL 3", "PUBREL 1"]);
  });

  it("puts a PUBREL behind what waits already", () => {
    const outbox = outboxWith(2);
    add(outbox, 2, 1);
    outbox.acknowledge(PUBREC, 1);
    add(outbox, 3, 1);
    expect(send(outbox)).toEqual(["2", "PUBREL 1", "3"]);
  });

  it("is kept when a message in the middle, or at either end, is delivered", () => {
    for (const [delivered, rest] of [
      [1, ["2 DUP", "3 DUP"]],
      [2, ["1 DUP", "3 DUP"]],
      [3, ["1 DUP", "2 DUP"]],
    ] as const) {
      const outbox = outboxWith(1, 1, 1);
      outbox.acknowledge(PUBACK, delivered);
      outbox.resume();
      expect(send(outbox)).toEqual(rest);
      add(outbox, 4, 1);
      expect(send(outbox)).toEqual(["4"]);
    }
  });
});

describe("acknowledgements", () => {
  it("answer only what was sent on this connection", () => {
    const outbox = new Outbox(2, 32);
    add(outbox, 1, 1);
    expect(outbox.acknowledge(PUBACK, 1)).toBe(NOBODY_WAITED);
    send(outbox);
    outbox.resume();
    expect(outbox.acknowledge(PUBACK, 1)).toBe(NOBODY_WAITED);
    send(outbox);
    expect(outbox.acknowledge(PUBACK, 1)).toBe(DONE);
  });

  it("change nothing when nobody waits for them", () => {
    const outbox = outboxWith(1, 2);
    expect(outbox.acknowledge(PUBACK, 9)).toBe(NOBODY_WAITED);
    expect(outbox.acknowledge(PUBREC, 1)).toBe(NOBODY_WAITED);
    expect(outbox.acknowledge(PUBACK, 2)).toBe(NOBODY_WAITED);
    expect(outbox.acknowledge(PUBCOMP, 2)).toBe(NOBODY_WAITED);
    expect(outbox.count).toBe(2);
    expect(send(outbox)).toEqual([]);
  });

  it("that come twice: a PUBREC is answered again, a PUBACK is not awaited any more", () => {
    const outbox = outboxWith(1, 2);
    expect(outbox.acknowledge(PUBACK, 1)).toBe(DONE);
    expect(outbox.acknowledge(PUBACK, 1)).toBe(NOBODY_WAITED);
    expect(outbox.acknowledge(PUBREC, 2)).toBe(AWAITING_PUBCOMP);
    expect(send(outbox)).toEqual(["PUBREL 2"]);
    expect(outbox.acknowledge(PUBREC, 2)).toBe(AWAITING_PUBCOMP);
    expect(send(outbox)).toEqual(["PUBREL 2"]);
  });
});

describe("resume: the same session on another connection (4.4)", () => {
  it("sends all again, DUP set, PUBREL where PUBREC was seen", () => {
    const outbox = outboxWith(1, 2, 2, 1);
    outbox.acknowledge(PUBREC, 2);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP", "3 DUP", "4 DUP", "PUBREL 2"]);
  });

  it("does not mark what was never sent", () => {
    const outbox = outboxWith(1);
    add(outbox, 2, 1);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP", "2"]);
  });

  it("keeps the marks when the connection breaks before all is sent again", () => {
    const outbox = outboxWith(1, 2);
    outbox.resume();
    markSent(outbox);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP", "2 DUP"]);
  });

  it("sends PUBRELs in the order of the PUBRECs, before and after it", () => {
    const outbox = outboxWith(2, 2, 2);
    outbox.acknowledge(PUBREC, 3);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP", "2 DUP", "PUBREL 3"]);
    outbox.acknowledge(PUBREC, 2);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP", "PUBREL 3", "PUBREL 2"]);
  });

  it("of nothing sends nothing", () => {
    const outbox = new Outbox(1, 32);
    outbox.resume();
    expect(outbox.unsent).toBeUndefined();
  });
});

describe("restart: the server has lost the session", () => {
  it("sends anew, without DUP, what it had not taken over, and tells what it had", () => {
    const outbox = outboxWith(2, 1, 2, 2);
    outbox.acknowledge(PUBREC, 3);
    outbox.acknowledge(PUBREC, 1);
    outbox.resume();
    expect(restart(outbox)).toEqual([3, 1]);
    expect(send(outbox)).toEqual(["2", "4"]);
    expect(outbox.count).toBe(2);
    expect(outbox.acknowledge(PUBACK, 2)).toBe(DONE);
  });

  it("marks what it has sent anew once that is repeated", () => {
    const outbox = outboxWith(1);
    restart(outbox);
    expect(send(outbox)).toEqual(["1"]);
    outbox.resume();
    expect(send(outbox)).toEqual(["1 DUP"]);
  });

  it("leaves all slots free where the server had taken over everything", () => {
    const outbox = outboxWith(2, 2);
    outbox.acknowledge(PUBREC, 1);
    outbox.acknowledge(PUBREC, 2);
    expect(restart(outbox)).toEqual([1, 2]);
    expect(outbox.count).toBe(0);
    add(outbox, 3, 1);
    expect(send(outbox)).toEqual(["3"]);
  });
});

describe("remove: a source gave up", () => {
  it.each([
    [1, ["2", "3"]],
    [2, ["1 DUP", "3"]],
    [3, ["1 DUP", "2 DUP"]],
  ])("takes message %i out of the queue", (identifier, rest) => {
    const outbox = new Outbox(3, 32);
    for (const each of [1, 2, 3]) add(outbox, each, 1);
    while (outbox.unsent && outbox.unsent.identifier !== identifier) markSent(outbox);
    outbox.remove(outbox.sent);
    expect(outbox.count).toBe(2);
    expect(outbox.has(identifier)).toBe(false);
    expect(outbox.free).toBeDefined();
    outbox.resume();
    expect(send(outbox)).toEqual(rest);
    add(outbox, 4, 1);
    expect(send(outbox)).toEqual(["4"]);
  });
});
