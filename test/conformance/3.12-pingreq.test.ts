import { describe, expect, it } from "vitest";
import { connect } from "./support.js";

describe("3.12 PINGREQ, 3.13 PINGRESP", () => {
  it("MQTT-3.12.4-1: notices a dead server though the stream takes no byte any more", () => {
    const { broker, events } = connect({ keepalive: 10, reconnectPeriod: 0 });
    broker.transport.room = 0;
    broker.advance(15_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });

  it("MQTT-3.12.4-1: notices a dead server in the midst of a message that is sent in pieces", () => {
    const { broker, client, events } = connect({ keepalive: 10, reconnectPeriod: 0, packetSize: 64 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1000));
    broker.transport.takeSent();
    broker.advance(15_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });

  it("MQTT-3.12.4-1: a PINGREQ is not sent into the midst of a message, and not needed while pieces leave", () => {
    const payload = new Uint8Array(1000);
    const { broker, client, events } = connect({ keepalive: 10, packetSize: 64 });
    broker.transport.room = 100;
    client.publish("t", payload);
    for (let second = 0; second < 30; second += 3) {
      broker.advance(3_000);
      broker.transport.makeRoom(64);
    }
    broker.transport.makeRoom(Infinity);
    broker.expect("PUBLISH", { payload });
    broker.expectNothing();
    expect(events).toEqual([]);
  });

  it("no time-out of the last connection reaches the next one", () => {
    const { broker, events } = connect({ keepalive: 10 });
    broker.advance(9_999);
    broker.expect("PINGREQ");
    broker.drop();
    broker.advance(0);
    broker.acceptConnection();
    broker.advance(8_000);
    broker.expectNothing();
    broker.expectOpen();
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "connected"]);
  });
});
