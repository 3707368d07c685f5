import { describe, expect, it } from "vitest";
import type { MqttError } from "mqtt-xs";
import { connack, packet, pingresp, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { expectClosedBy, PERSISTENT, start, type Fixture } from "./support.js";
import type { ClientOptions } from "mqtt-xs";

/** A client whose CONNECT the broker has taken and not answered. */
function awaitingConnack(options: Partial<ClientOptions> = {}): Fixture {
  const fixture = start(options);
  fixture.broker.transport.accept();
  fixture.broker.expect("CONNECT");
  return fixture;
}

/** The client must close the connection with this error on such an answer to its CONNECT, and send nothing more. */
function expectRefusal(answer: Uint8Array, code: string, options: Partial<ClientOptions> = {}): void {
  for (const byteByByte of [false, true]) {
    const { broker, client, events } = awaitingConnack({ reconnectPeriod: 0, ...options });
    client.publish("t", "waits", 1);
    client.subscribe({ filter: "a" });
    if (byteByByte) broker.sendByteByByte(answer);
    else broker.sendTogether(answer, publish({ topic: "behind", qos: 1, identifier: 1 }));
    broker.expectClosed();
    expect(events).toEqual([`disconnected ${code}`]);
    expect(client.connected).toBe(false);
    broker.advance(3_600_000);
    broker.expectClosed();
    expect(events).toHaveLength(1);
  }
}

describe("3.2 CONNACK", () => {
  const OTHERS = {
    "PUBLISH with QoS 0": publish({ topic: "t" }),
    "PUBLISH with QoS 1": publish({ topic: "t", qos: 1 }),
    "PUBLISH with QoS 2": publish({ topic: "t", qos: 2 }),
    "PUBLISH larger than the buffer": publish({ topic: "t", payload: new Uint8Array(1000) }),
    PUBACK: puback(1),
    PUBREC: pubrec(1),
    PUBREL: pubrel(1),
    PUBCOMP: pubcomp(1),
    SUBACK: suback(1, 0),
    UNSUBACK: unsuback(1),
    PINGRESP: pingresp(),
  };
  for (const [name, bytes] of Object.entries(OTHERS))
    it(`MQTT-3.2.0-1: closes on ${name} before CONNACK`, () => expectRefusal(bytes, "ERR_PROTOCOL"));

  it("MQTT-3.2.0-1: takes what follows CONNACK, in the same piece too", () => {
    const { broker, events } = awaitingConnack();
    broker.sendTogether(connack(), publish({ topic: "t", payload: "x", qos: 1, identifier: 7 }));
    broker.expect("PUBACK", { identifier: 7 });
    expect(events).toEqual(["connected", "message t: x"]);
  });

  for (const returnCode of [0, 1, 5])
    it(`MQTT-4.8.0-1: closes on a second CONNACK, with return code ${returnCode}`, () => {
      expectClosedBy(connack({ returnCode }), "ERR_PROTOCOL");
    });

  it("MQTT-4.8.0-1: closes on a second CONNACK in the same piece as the first", () => {
    const { broker, events } = awaitingConnack();
    broker.sendTogether(connack(), connack());
    broker.expectClosed();
    expect(events).toEqual(["connected", "disconnected ERR_PROTOCOL"]);
  });

  it("MQTT-4.8.0-1: closes on reserved bits in CONNACK's first byte of flags", () => {
    for (let flags = 2; flags < 256; flags++) {
      expectRefusal(packet(0x20, Uint8Array.of(flags, 0)), "ERR_MALFORMED_PACKET", PERSISTENT);
    }
  });

  for (const bytes of ["20 00", "20 01", "20 03", "20 82 01", "20 ff ff ff ff"])
    it(`MQTT-4.8.0-1: closes on a CONNACK of another length: ${bytes}`, () => {
      expectRefusal(Uint8Array.from(bytes.split(" "), (byte) => parseInt(byte, 16)), "ERR_MALFORMED_PACKET");
    });
});

describe("3.2.2.2 Session Present", () => {
  it("MQTT-3.2.2-1: closes on Session Present 1 when a clean session was asked for", () => {
    expectRefusal(connack({ sessionPresent: true }), "ERR_PROTOCOL", { clean: true });
  });

  it("MQTT-3.2.2-1: tells the application what the server says of a session that need not be clean", () => {
    for (const sessionPresent of [false, true]) {
      const { broker, events } = awaitingConnack(PERSISTENT);
      broker.send(connack({ sessionPresent }));
      broker.expectOpen();
      expect(events).toEqual([sessionPresent ? "connected, session present" : "connected"]);
    }
  });

  for (const clean of [false, true])
    for (const returnCode of [1, 2, 3, 4, 5])
      it(`MQTT-3.2.2-4: return code ${returnCode} with Session Present 1, clean ${clean ? "or" : "not"}, is a refusal`, () => {
        expectRefusal(connack({ sessionPresent: true, returnCode }), "ERR_CONNECTION_REFUSED", { clean, clientId: "c" });
      });
});

describe("3.2.2.3 Connect Return code", () => {
  for (const returnCode of [1, 2, 3, 4, 5]) {
    it(`MQTT-3.2.2-5: return code ${returnCode} is a refusal: nothing more is sent, the connection is closed`, () => {
      expectRefusal(connack({ returnCode }), "ERR_CONNECTION_REFUSED");
    });

    it(`MQTT-3.2.2-5: the error tells return code ${returnCode}, and no credential`, () => {
      const errors: (MqttError | undefined)[] = [];
      const { broker } = awaitingConnack({
        username: "someone",
        password: "secret",
        reconnectPeriod: 0,
        onDisconnect: (error) => errors.push(error),
      });
      broker.send(connack({ returnCode }));
      expect(errors).toEqual([expect.objectContaining({ code: "ERR_CONNECTION_REFUSED", reasonCode: returnCode, fault: "server" })]);
      expect(errors[0]?.message).not.toMatch(/secret|someone/);
    });
  }

  it("MQTT-3.2.2-5: a refused session loses nothing that waits", () => {
    const { broker, client } = start(PERSISTENT);
    client.publish("t", "x", 1);
    broker.acceptConnection({ returnCode: 3 });
    broker.advance(0);
    broker.acceptConnection();
    broker.expect("PUBLISH", { payload: "x", dup: false });
  });

  it("MQTT-3.2.2-6: a connection closed without CONNACK is one that failed", () => {
    const { broker, client, events } = awaitingConnack();
    broker.drop();
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED"]);
    expect(client.connected).toBe(false);
    broker.advance(0);
    broker.expectConnecting(2);
  });

  it("MQTT-3.2.2-6: closes on a return code that the standard does not know", () => {
    for (let returnCode = 6; returnCode < 256; returnCode++) expectRefusal(connack({ returnCode }), "ERR_PROTOCOL");
  });
});
