import { describe, expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { VERSIONS } from "../../../conformance/both/versions.js";
import { reachable } from "../play/reachable.js";
import { expectToGoOn } from "./honest.js";

const DAY = 86_400_000;
const PERSISTENT = { clean: false, clientId: "c" } as const;
/** The longest that each wait may be: no jitter. */
const LONGEST = { random: () => 1 - Number.EPSILON } as const;

describe.each(VERSIONS)("A server of $name that never answers", (version) => {
  const { connect, start, pingresp } = version;

  it("CONNECT is given up after connectTimeout, and tried again less and less often", () => {
    const fixture = start({ ...LONGEST, connectTimeout: 5_000, reconnectMaximum: 3_600_000 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    for (let left = DAY; left > 0;) {
      if (broker.transport.isOpening) broker.transport.accept();
      const step = Math.max(1, Math.min(left, broker.clock.untilNext ?? left));
      broker.advance(step);
      left -= step;
    }
    expect(new Set(events)).toEqual(new Set(["disconnected ERR_CONNECT_TIMEOUT"]));
    expect(events.length).toBeLessThan(12 + 24); // twelve times doubled, then once an hour
    expectToGoOn(fixture, version, size);
  });

  it("PINGREQ is given up after one and a half Keep Alives", () => {
    const fixture = connect({ keepalive: 10 });
    const size = reachable(fixture.client);
    fixture.broker.advance(15_000);
    expect(fixture.events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
    fixture.broker.takePackets();
    expectToGoOn(fixture, version, size);
  });

  it("PUBLISH keeps what was published in its slots, takes no more, and loses none of it", () => {
    const fixture = connect({ ...PERSISTENT, inflight: 3 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    const identifiers = [1, 2, 1, 1, 2].map((qos) => client.publish("t", "reading", qos as 1 | 2));
    expect(identifiers.slice(3)).toEqual([WOULD_BLOCK, WOULD_BLOCK]);
    for (let turn = 0; turn < 360; turn++) {
      broker.advance(10_000);
      broker.send(pingresp());
    }
    broker.expectOpen();
    expect(broker.takePackets().filter(({ type }) => type === "PUBLISH")).toHaveLength(3); // never twice over one connection
    expect(events).toEqual([]);
    expectToGoOn(fixture, version, size);
    expect(client.inflight).toBe(0);
  });

  it("SUBSCRIBE has as many requests wait as there may be subscriptions, and asks again over the next connection", () => {
    const fixture = connect({ subscriptions: 4 });
    const { broker, client } = fixture;
    const size = reachable(client);
    const asked = Array.from({ length: 100 }, (_, at) => client.subscribe({ filter: `filter/${at % 6}` }));
    expect(asked.filter((identifier) => identifier !== WOULD_BLOCK)).toHaveLength(4);
    broker.takePackets();
    expectToGoOn(fixture, version, size);
  });
});

describe.each(VERSIONS)("A server of $name that never reads", (version) => {
  it("has no more written than its socket takes, and is given up when not even a PINGREQ gets through", () => {
    const fixture = version.connect({ ...PERSISTENT, keepalive: 10, inflight: 3 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.transport.room = 100;
    for (let turn = 0; turn < 1_000; turn++) client.publish("t", "reading", (turn % 3) as 0 | 1 | 2);
    broker.advance(16_500);
    expect(events).toContain("disconnected ERR_KEEPALIVE_TIMEOUT");
    expectToGoOn(fixture, version, size);
  });

  it("cannot make it take more messages than it could acknowledge", () => {
    const fixture = version.connect({ keepalive: 10 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.transport.room = 8;
    for (let identifier = 1; identifier <= 1_000; identifier++)
      broker.send(version.publish({ topic: "t", payload: "x", qos: 1, identifier }));
    expect(events.length).toBeLessThan(200); // as many PUBACKs as the buffer holds
    expect(reachable(client)).toBeLessThanOrEqual(size + 100);
    broker.advance(16_500);
    expect(events.at(-1)).toBe("disconnected ERR_KEEPALIVE_TIMEOUT");
    expectToGoOn(fixture, version, size);
  });
});

describe.each(VERSIONS)("A server of $name that accepts, and drops at once", (version) => {
  it.each([
    ["the stream", false],
    ["the client", true],
  ])("%s, for ever: a day has some thirty attempts, not thousands", (_what, isConnected) => {
    const fixture = version.start({ ...LONGEST, reconnectMaximum: 3_600_000 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    let attempts = 0;
    for (const end = broker.clock.elapsed + DAY; broker.clock.elapsed < end; attempts++) {
      if (isConnected) broker.acceptConnection();
      else broker.transport.accept();
      broker.drop();
      broker.advance(broker.clock.untilNext ?? DAY);
    }
    expect(attempts).toBeLessThanOrEqual(12 + 24);
    expect(new Set(events)).toEqual(new Set([...(isConnected ? ["connected"] : []), "disconnected ERR_CONNECTION_CLOSED"]));
    expectToGoOn(fixture, version, size);
  });
});
