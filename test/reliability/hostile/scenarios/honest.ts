import { expect } from "vitest";
import type { Fixture, Version } from "../../../conformance/both/versions.js";
import { reachable } from "../play/reachable.js";

/** Bytes that may come to hang on a client in a scenario: what it was asked for meanwhile. */
const MARGIN = 1_500;

/** Answers everything that the client sends, until it sends nothing more. */
function answerAll({ broker }: Fixture, { puback, pubcomp, pubrec, suback }: Version): void {
  for (let packets = broker.takePackets(); packets.length > 0; packets = broker.takePackets())
    for (const packet of packets) {
      if (packet.type === "PUBLISH" && packet.qos > 0)
        broker.send(packet.qos === 1 ? puback(packet.identifier) : pubrec(packet.identifier));
      else if (packet.type === "PUBREL") broker.send(pubcomp(packet.identifier));
      else if (packet.type === "SUBSCRIBE") broker.send(suback(packet.identifier, 0));
    }
}

/**
 * The hostile server is gone and an honest one there: all that waits gets through, messages go both ways, and the client is
 * not larger than it was.
 * @param size what `reachable` said of the client before.
 */
export function expectToGoOn(fixture: Fixture, version: Version, size: number): void {
  const { broker, client, events } = fixture;
  const { transport, clock } = broker;
  if (transport.isOpen) broker.drop();
  transport.room = Infinity;
  if (!transport.isOpening) broker.advance(clock.untilNext ?? 0);
  broker.acceptConnection();
  answerAll(fixture, version);
  events.length = 0;
  broker.send(version.publish({ topic: "t", payload: "hello", qos: 2, identifier: 1 }));
  broker.expect("PUBREC", { identifier: 1 });
  broker.send(version.pubrel(1));
  broker.expect("PUBCOMP", { identifier: 1 });
  const identifier = client.publish("t", "reading", 1);
  answerAll(fixture, version);
  expect(events.slice(0, 2)).toEqual(["message t: hello", `delivered ${identifier}`]);
  broker.expectOpen();
  expect(reachable(client)).toBeLessThanOrEqual(size + MARGIN);
}
