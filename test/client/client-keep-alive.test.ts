import { describe, expect, it } from "vitest";
import { connack, pingresp, publish } from "../support/packets.js";
import { connected, create, pattern, reconnect, SlowSource } from "./support.js";

// Keep Alive of 10 seconds is watched in ticks of 1.5: a PINGREQ after 6 of silence, the end 4 later.
const TICK = 1_500;
const OPTIONS = { keepalive: 10, packetSize: 64, onMessage: () => undefined };

// Also on clocks that wrap at 2^32 during the test: only differences count.
describe.each([0, 2 ** 32 - 1, 2 ** 32 - 5_000, 2 ** 32 - 10_000, 2 ** 31 - 5_000])("on a clock that starts at %i", (clockStart) => {
  const start = () => connected(OPTIONS, { clockStart });

  it("is due a tenth before Keep Alive is over", () => {
    const { broker } = start();
    broker.advance(8_999);
    broker.expectNothing();
    broker.advance(1);
    broker.expect("PINGREQ");
    broker.expectNothing();
  });

  it("counts from CONNECT, not from CONNACK, and is due before Keep Alive is over all the same [MQTT-3.1.2-23]", () => {
    for (const wait of [0, 1, 1_499, 1_500, 1_501, 4_400, 9_999, 10_000]) {
      const { broker, client } = create(OPTIONS, { clockStart });
      client.connect();
      broker.transport.accept();
      broker.expect("CONNECT");
      broker.advance(wait);
      broker.send(connack());
      broker.advance(Math.max(0, 9_000 - wait));
      broker.expect("PINGREQ");
    }
  });

  it("is put off by whatever is sent, and due between 75 and 90 % of Keep Alive after it", () => {
    for (let when = 0; when < 9_000; when += 250) {
      const { broker, client } = start();
      broker.advance(when);
      client.publish("t", "x");
      broker.expect("PUBLISH");
      broker.advance(7_499);
      broker.expectNothing();
      broker.advance(1_501);
      broker.expect("PINGREQ");
    }
  });

  it("waits for the answer for 60 % of Keep Alive", () => {
    const { broker, events } = start();
    broker.advance(9_000);
    broker.expect("PINGREQ");
    broker.advance(4 * TICK - 1);
    broker.expectOpen();
    broker.advance(1);
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
  });

  it("is not fooled, while it waits, by what is sent", () => {
    const { broker, client, events } = start();
    broker.advance(9_000);
    for (let tick = 0; tick < 4; tick++) {
      client.publish("t", "x");
      broker.advance(TICK);
    }
    expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
  });

  it("counts on from the PINGREQ when the answer came", () => {
    const { broker } = start();
    broker.advance(9_000);
    broker.expect("PINGREQ");
    broker.advance(5_000);
    broker.send(pingresp());
    broker.advance(3_999);
    broker.expectNothing();
    broker.advance(1);
    broker.expect("PINGREQ");
  });

  it("gives a PINGREQ that cannot be written as long as one that is not answered", () => {
    const { broker, client, events } = start();
    broker.transport.room = 0;
    client.publish("t", pattern(50));
    broker.advance(9_000 + 4 * TICK - 1);
    expect(events).toEqual([]);
    broker.advance(1);
    expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
  });

  it("is well again as soon as what was in the way of that PINGREQ could be sent", () => {
    const { broker, client, events } = start();
    broker.transport.room = 0;
    client.publish("t", pattern(59)); // no room for a PINGREQ behind it
    broker.advance(9_000 + 3 * TICK);
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH");
    broker.expectNothing();
    broker.advance(7_499);
    broker.expectNothing();
    broker.advance(1_501);
    broker.expect("PINGREQ");
    expect(events).toEqual([]);
  });

  it("starts over with a connection", () => {
    const { broker } = start();
    broker.advance(9_000);
    broker.expect("PINGREQ");
    broker.advance(3_000);
    broker.drop();
    reconnect(broker);
    broker.advance(8_999);
    broker.expectNothing();
    broker.advance(1);
    broker.expect("PINGREQ");
  });
});

it("does not interrupt a payload with a PINGREQ, and gives up on one that does not go on", () => {
  const { broker, client, events } = connected(OPTIONS);
  const source = new SlowSource(pattern(300));
  client.publish("t", source);
  broker.transport.takeSent();
  for (const ready of [100, 200]) {
    broker.advance(9_000 + 2 * TICK);
    source.ready = ready; // moves on
    client.resume();
    expect(broker.transport.takeSent().length).toBe(100);
  }
  expect(events).toEqual([]);
  broker.advance(9_000 + 5 * TICK);
  expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
});

it("of 65,535 seconds, the most there is, does not overflow", () => {
  const { broker } = connected({ ...OPTIONS, keepalive: 65_535 });
  broker.advance(58_981_499);
  broker.expectNothing();
  broker.advance(1);
  broker.expect("PINGREQ");
});

it("of 1 second is in time, too", () => {
  const { broker } = connected({ ...OPTIONS, keepalive: 1 });
  broker.advance(899);
  broker.expectNothing();
  broker.advance(1);
  broker.expect("PINGREQ");
});

describe("handlers that throw, after each of which the client goes on at once,", () => {
  function throwing() {
    return connected({
      ...OPTIONS,
      onMessage: () => {
        throw new Error("in onMessage");
      },
    });
  }

  it("do not make the server look dead before its time", () => {
    const { broker, events } = throwing();
    broker.advance(9_000);
    broker.expect("PINGREQ");
    for (let count = 0; count < 8; count++) {
      expect(() => broker.send(publish({ topic: "t" }))).toThrow("in onMessage");
      broker.advance(1);
    }
    broker.send(pingresp());
    expect(events).toEqual([]);
  });

  it("do not make a PINGREQ due before its time, nor put it off", () => {
    const { broker } = throwing();
    for (let count = 0; count < 8; count++) {
      expect(() => broker.send(publish({ topic: "t" }))).toThrow("in onMessage");
      broker.advance(900);
    }
    broker.expectNothing();
    broker.advance(9_000 - 8 * 900);
    broker.expect("PINGREQ");
  });
});
