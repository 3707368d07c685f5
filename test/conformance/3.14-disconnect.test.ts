import { describe, expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { puback, publish, pubrec } from "../support/packets.js";
import { connect, start } from "./support.js";

describe("3.14 DISCONNECT", () => {
  it("MQTT-3.14.1-1: DISCONNECT is two bytes, its flags 0", () => {
    const { broker, client } = connect();
    client.close();
    broker.expectBytes("e0 00");
    broker.expectClosed();
  });

  it("MQTT-3.14.4-1: the client closes the connection after DISCONNECT, and opens no other", () => {
    const { broker, client, events } = connect();
    client.close();
    broker.expect("DISCONNECT");
    broker.expectClosed();
    broker.advance(3_600_000);
    expect(broker.transport.opens).toBe(1);
    expect(broker.clock.armed).toBe(0);
    expect(events).toEqual(["disconnected"]);
    expect(client.connected).toBe(false);
  });

  it("MQTT-3.14.4-1: DISCONNECT waits for room, then the connection is closed", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.expectOpen();
    expect(events).toEqual([]);
    broker.transport.makeRoom(100);
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.14.4-1: a connection that takes no DISCONNECT is closed all the same, after a while", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.advance(60_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.14.4-2: what was published before goes out before it, nothing goes out after it", () => {
    const { broker, client } = connect({ keepalive: 10 });
    broker.transport.room = 0;
    client.publish("t", "0");
    client.close();
    expect(client.publish("t", "after")).toBe(WOULD_BLOCK);
    client.publish("t", "after", 1);
    client.subscribe({ filter: "after" });
    broker.transport.makeRoom(1000);
    broker.expect("PUBLISH", { payload: "0" });
    broker.expect("DISCONNECT");
    broker.expectClosed();
    broker.advance(60_000);
    broker.expectClosed();
  });

  it("MQTT-3.14.4-2: what comes in after close() is neither delivered nor acknowledged", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.send(publish({ topic: "t", qos: 1, identifier: 7 }));
    broker.send(publish({ topic: "t", qos: 2, identifier: 8 }));
    broker.transport.makeRoom(1000);
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.14.4-2: close() inside a handler: the message's acknowledgement does not follow DISCONNECT", () => {
    for (const qos of [1, 2] as const) {
      const { broker, client } = connect({ onMessage: () => client.close() });
      broker.sendTogether(publish({ topic: "t", qos, identifier: 7 }), publish({ topic: "t", qos, identifier: 8 }));
      broker.expect("DISCONNECT");
      broker.expectClosed();
    }
  });

  it("MQTT-3.14.4-2: the same where DISCONNECT has to wait for room", () => {
    for (const qos of [1, 2] as const) {
      const { broker, client } = connect({ onMessage: () => client.close() });
      broker.transport.room = 0;
      broker.sendTogether(publish({ topic: "t", qos, identifier: 7 }), publish({ topic: "t", qos, identifier: 8 }));
      broker.transport.makeRoom(1000);
      broker.expect("DISCONNECT");
      broker.expectClosed();
    }
  });

  it("MQTT-3.14.4-2: no PUBREL follows DISCONNECT", () => {
    const { broker, client } = connect({ onDelivered: () => client.close() });
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(2));
    broker.expect("DISCONNECT");
    broker.expectClosed();
  });

  it("MQTT-3.14.4-2: nothing comes between the pieces of a message, so closing half-way sends no DISCONNECT", () => {
    const { broker, client, events } = connect({ packetSize: 64 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1000));
    const before = broker.transport.takeSent().length;
    expect(before).toBeGreaterThan(100);
    broker.transport.room = Infinity;
    client.close();
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("close() before CONNACK, or before the stream is open, closes without DISCONNECT", () => {
    const { broker, client, events } = start();
    client.close();
    broker.expectClosed();
    client.connect();
    broker.transport.accept();
    broker.expect("CONNECT");
    client.close();
    broker.expectClosed();
    expect(events).toEqual(["disconnected", "disconnected"]);
  });

  it("close() while waiting for the next try ends the waiting", () => {
    const { broker, client, events } = connect();
    broker.drop();
    client.close();
    broker.advance(3_600_000);
    expect(broker.transport.opens).toBe(1);
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "disconnected"]);
  });

  it("close() twice is as good as once", () => {
    const { broker, client, events } = connect();
    client.close();
    client.close();
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });
});
