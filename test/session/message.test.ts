import { describe, expect, it } from "vitest";
import { ReceivedMessage } from "../../src/session/message.js";
import { utf8 } from "../support/packets.js";

/** A message whose topic and payload lie somewhere in a buffer. */
function message(topic: string, payload: Uint8Array): ReceivedMessage {
  const bytes = new Uint8Array(64).fill(0x78);
  const received = new ReceivedMessage(bytes);
  bytes.set(utf8(topic), 3);
  received.topicStart = 3;
  received.topicEnd = 3 + utf8(topic).length;
  bytes.set(payload, 30);
  received.start = 30;
  received.end = 30 + payload.length;
  return received;
}

describe("ReceivedMessage", () => {
  it("gives topic and payload as text", () => {
    const received = message("température/é", utf8("21 °C €😀"));
    expect(received.topic).toBe("température/é");
    expect(received.text()).toBe("21 °C €😀");
    expect(received.length).toBe(utf8("21 °C €😀").length);
  });

  it("gives a copy of the payload, which outlives the buffer", () => {
    const received = message("t", Uint8Array.of(1, 2, 3));
    const { payload } = received;
    received.bytes.fill(9);
    expect(payload).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("has an empty payload like any other", () => {
    const received = message("t", new Uint8Array(0));
    expect(received.length).toBe(0);
    expect(received.text()).toBe("");
    expect(received.payload).toEqual(new Uint8Array(0));
  });
});
