import { describe, expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { PERSISTENT, reconnect } from "../support.js";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 3.1 CONNECT", ({ start, connect, named }) => {
  it(named("MQTT-3.1.0-1", "CONNECT comes first, whatever waits to be sent"), () => {
    const { broker, client } = start();
    client.subscribe({ filter: "a" });
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    expect(client.publish("t", "0", 0)).toBe(WOULD_BLOCK);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.expectNothing();
  });

  it(named("MQTT-3.1.0-1", "CONNECT comes first on every connection"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    for (const payload of ["1", "2", "3"]) {
      client.publish("t", payload, 2);
      broker.transport.takeSent();
      reconnect(fixture, { sessionPresent: true }); // takes the first packet, which must be CONNECT
    }
    expect(fixture.broker.transport.opens).toBe(4);
  });

  it(named("MQTT-3.1.0-1", "CONNECT comes first when the stream takes it only later"), () => {
    const { broker, client } = start({}, { room: 0 });
    client.publish("t", "1", 1);
    broker.transport.accept();
    broker.expectNothing();
    broker.transport.makeRoom(1000);
    broker.expect("CONNECT");
    broker.expectNothing();
  });
});

describe.each(VERSIONS)("$name, 3.1.2.10 Keep Alive", ({ connect, named, publish }) => {
  it(named(["MQTT-3.1.2-23", "MQTT-3.1.2-20"], "sends PINGREQ, and nothing else, before Keep Alive passes in silence"), () => {
    const { broker } = connect({ keepalive: 10 });
    for (let ping = 0; ping < 5; ping++) {
      broker.advance(10_000 - 1);
      broker.expectBytes("c0 00");
      broker.expectNothing();
      broker.send("d0 00");
    }
    broker.expectOpen();
  });

  it(named(["MQTT-3.1.2-23", "MQTT-3.1.2-20"], "sends no PINGREQ while other packets go out often enough"), () => {
    const { broker, client } = connect({ keepalive: 10 });
    for (let second = 0; second < 60; second += 5) {
      broker.advance(5_000);
      client.publish("t", "");
      broker.expect("PUBLISH");
      broker.expectNothing();
    }
  });

  it(named(["MQTT-3.1.2-23", "MQTT-3.1.2-20"], "what comes from the server does not stand in for what the client sends"), () => {
    const { broker } = connect({ keepalive: 10 });
    for (let second = 0; second < 9; second++) {
      broker.advance(1_000);
      broker.send(publish({ topic: "t" }));
    }
    broker.expect("PINGREQ");
  });

  it(named(["MQTT-3.1.2-23", "MQTT-3.1.2-20"], "Keep Alive is right also when the clock wraps"), () => {
    const { broker } = connect({ keepalive: 10 }, { clockStart: 2 ** 32 - 5_000 });
    for (let ping = 0; ping < 3; ping++) {
      broker.advance(9_999);
      broker.expect("PINGREQ");
      broker.expectNothing();
      broker.send("d0 00");
    }
  });

  it(named(["MQTT-3.1.2-23", "MQTT-3.1.2-20"], "with a Keep Alive of 0 no PINGREQ is ever sent"), () => {
    const { broker } = connect({ keepalive: 0 });
    broker.advance(7 * 24 * 3600 * 1000);
    broker.expectNothing();
    broker.expectOpen();
  });
});

describe.each(VERSIONS)("$name, 3.1.4 Response", ({ start, named }) => {
  it(named(["MQTT-3.1.4-4", "MQTT-3.1.4-5"], "gives up a stream that does not open in time"), () => {
    const { broker, events } = start({ connectTimeout: 5_000, reconnectPeriod: 0 });
    broker.advance(5_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
  });
});
