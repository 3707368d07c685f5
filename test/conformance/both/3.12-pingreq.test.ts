import { describe, expect, it } from "vitest";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 3.12 PINGREQ, 3.13 PINGRESP", ({ connect, named, pingresp, puback, publish }) => {
  it(named("MQTT-3.12.4-1", "closes when PINGREQ is not answered, after one and a half Keep Alives at the latest"), () => {
    const { broker, events } = connect({ keepalive: 10, reconnectPeriod: 0 });
    broker.advance(9_999);
    broker.expect("PINGREQ");
    broker.advance(5_001);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });

  it(named("MQTT-3.12.4-1", "stays connected as long as every PINGREQ is answered"), () => {
    const { broker, events } = connect({ keepalive: 10 });
    for (let ping = 0; ping < 20; ping++) {
      broker.advance(9_000);
      broker.expect("PINGREQ");
      broker.advance(1_000);
      broker.sendByteByByte(pingresp());
      broker.advance(8_000);
      broker.expect("PINGREQ");
      broker.send(pingresp());
    }
    broker.advance(8_000);
    broker.expectOpen();
    expect(events).toEqual([]);
  });

  it(named("MQTT-3.12.4-1", "notices a dead server though the application goes on publishing"), () => {
    const { broker, client, events } = connect({ keepalive: 10, reconnectPeriod: 0 });
    broker.advance(9_999);
    broker.expect("PINGREQ");
    for (let second = 0; second < 6 && broker.transport.isOpen; second++) {
      client.publish("t", "");
      broker.transport.takeSent();
      broker.advance(1_000);
    }
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });

  it("is patient with an answer that waits behind messages, on a slow network", () => {
    const { broker, events } = connect({ keepalive: 10, reconnectPeriod: 0 });
    for (let message = 0; message < 20; message++) {
      broker.advance(3_000);
      broker.send(publish({ topic: "t", payload: "x" }));
    }
    expect(events).toEqual(Array<string>(20).fill("message t: x"));
    expect(broker.takePackets().map(({ type }) => type)).toContain("PINGREQ");
    broker.expectOpen();
  });

  it("is patient with an answer that waits behind a message in pieces, and goes on asking", () => {
    const { broker, events } = connect({ keepalive: 10, reconnectPeriod: 0, packetSize: 64 });
    const large = publish({ topic: "t", payload: "x".repeat(64 * 20), qos: 1, identifier: 1 });
    for (let at = 0; at < large.length; at += 64) {
      broker.advance(3_000);
      broker.send(large.slice(at, at + 64));
    }
    expect(broker.takePackets().map(({ type }) => type)).toEqual([...Array<string>(7).fill("PINGREQ"), "PUBACK"]);
    expect(events.every((event) => event.startsWith("message"))).toBe(true);
    broker.expectOpen();
  });

  it("a PINGRESP that nobody asked for harms nothing", () => {
    const { broker, events } = connect();
    broker.sendTogether(pingresp(), pingresp(), publish({ topic: "t", qos: 1, identifier: 1 }));
    broker.expectBytes(puback(1));
    expect(events).toEqual(["message t: "]);
    broker.expectOpen();
  });
});
