import * as fc from "fast-check";
import { Client, Properties, type GivenProperties, type Message, type ReceivedProperties } from "mqtt-xs/v5";
import { describe, expect, it } from "vitest";
import { MqttError } from "../../../src/errors.js";
import { firstPacket, publish, type ClientPacket, type Property } from "../../support/v5/packets.js";
import { isPropertyName, namesOf, PROPERTIES, PROPERTY_NAMES, type PropertyName } from "../../support/v5/property-table.js";
import { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";
import { cuts, cutsOf } from "../generators.js";
import { FUZZ_TIMEOUT, runs } from "../runs.js";
import { listOf, propertyOf } from "./property-generators.js";
import { write, writtenOf } from "./recording.js";

/** A client with room for all that the generators make, and its broker, which has accepted it. */
function connected(onMessage?: (message: Message) => void): { broker: ScriptedBroker5; client: Client } {
  const broker = new ScriptedBroker5();
  const client = new Client({
    transport: broker.transport,
    clock: broker.clock,
    packetSize: 1_000,
    sessionExpiryInterval: 1,
    ...(onMessage && { onMessage }),
  });
  client.connect();
  broker.acceptConnection();
  return { broker, client };
}

/** What an application gives to have these properties sent: `true` for 1, all User Properties at once. */
function givenOf(list: readonly Property[]): GivenProperties {
  const single = list.filter(([name]) => name !== "userProperty").map(([name, value]) => [name, isFlag(name) ? value === 1 : value]);
  const pairs = list.flatMap(([name, value]) => (name === "userProperty" ? [value] : []));
  return Object.fromEntries([...single, ...(pairs.length > 0 ? [["userProperties", pairs]] : [])]) as GivenProperties;
}

function isFlag(name: string): boolean {
  return isPropertyName(name) && PROPERTIES[name].type === "flag";
}

/** The same as the strict reader has them. */
function readOf(list: readonly Property[]): Record<string, unknown> {
  const single = list.filter(([name]) => name !== "userProperty");
  const pairs = list.flatMap(([name, value]) => (name === "userProperty" ? [value] : []));
  return Object.fromEntries([...single, ...(pairs.length > 0 ? [["userProperties", pairs]] : [])]) as Record<string, unknown>;
}

/** Where an application gives properties, and which: all others are the client's business. */
const PLACES = {
  PUBLISH: namesOf("client", "PUBLISH").filter((name) => name !== "topicAlias"),
  SUBSCRIBE: namesOf("client", "SUBSCRIBE"),
  UNSUBSCRIBE: namesOf("client", "UNSUBSCRIBE"),
  DISCONNECT: namesOf("client", "DISCONNECT"),
} as const satisfies Partial<Record<ClientPacket["type"], readonly PropertyName[]>>;
type Place = keyof typeof PLACES;

const ACTIONS: Readonly<Record<Place, (client: Client, properties: Properties) => unknown>> = {
  PUBLISH: (client, properties) => client.publish("a", "b", 0, false, properties),
  SUBSCRIBE: (client, properties) => client.subscribe({ filter: "a" }, undefined, properties),
  UNSUBSCRIBE: (client, properties) => client.unsubscribe("a", undefined, properties),
  DISCONNECT: (client, properties) => client.close(0, properties),
};

/** One Subscription Identifier at most: that of a SUBSCRIBE. */
const given = fc.constantFrom<Place>("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT").chain((place) =>
  fc.tuple(
    fc.constant(place),
    listOf(PLACES[place]).map((list) => list.filter(([name], at) => name !== "subscriptionIdentifier" || at === list.findIndex(([each]) => each === name))),
  ),
);

describe("Properties", { timeout: FUZZ_TIMEOUT }, () => {
  it("arrive at the server as the application gave them", () => {
    fc.assert(
      fc.property(given, ([place, list]) => {
        const { broker, client } = connected();
        ACTIONS[place](client, new Properties(givenOf(list)));
        const packet = firstPacket(broker.transport.sent);
        expect(packet).toMatchObject({ type: place, properties: readOf(list) });
      }),
      runs(800),
    );
  });

  it("of a will arrive with CONNECT, and again with the next", () => {
    const names = namesOf("client", "WILL");
    fc.assert(
      fc.property(listOf(names), (list) => {
        const broker = new ScriptedBroker5();
        const properties = new Properties(givenOf(list));
        const will = { topic: "a", properties };
        const client = new Client({ transport: broker.transport, clock: broker.clock, packetSize: 1_000, clientId: "c", will });
        client.connect();
        for (let time = 0; time < 2; time++) {
          broker.transport.accept();
          expect(broker.expect("CONNECT").will?.properties).toEqual(readOf(list));
          broker.drop();
          broker.advance(60_000);
        }
      }),
      runs(300),
    );
  });

  it("reach the application as the server sent them, by iteration and by name, however the stream is split", () => {
    const names = namesOf("server", "PUBLISH").filter((name) => name !== "topicAlias");
    fc.assert(
      fc.property(listOf(names), fc.uint8Array({ maxLength: 1_500 }), cuts, (list, payload, shares) => {
        const bytes = publish({ topic: "a", payload, properties: list });
        let messages = 0;
        const { broker } = connected(({ properties }) => {
          messages++;
          expect(write(properties)).toEqual(writtenOf(list));
          expectByName(properties, list);
        });
        broker.transport.deliver(bytes, cutsOf(bytes.length, shares));
        expect(messages).toBe(bytes.length > 1_000 ? messages : 1);
        expect(messages).toBeGreaterThan(0);
      }),
      runs(600),
    );
  });

  /** The first one of each name; all User Properties. */
  function expectByName(properties: ReceivedProperties, list: readonly Property[]): void {
    for (const name of PROPERTY_NAMES) {
      const first = list.find(([each]) => each === name);
      if (name === "userProperty") {
        const pairs = list.flatMap(([each, value]) => (each === name ? [value] : []));
        expect(properties.get("userProperties")).toEqual(pairs.length > 0 ? pairs : undefined);
      } else expect(properties.get(name), name).toEqual(first && isFlag(name) && name !== "maximumQoS" ? first[1] === 1 : first?.[1]);
    }
  }

  it("of any value, and under any name, are refused by a named error or arrive well-formed", () => {
    const anything = fc.oneof(fc.jsonValue(), fc.anything({ withTypedArray: true, withBigInt: true, maxDepth: 0 }), fc.string({ unit: "binary" }));
    const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PROPERTY_NAMES, "userProperties") }, { weight: 1, arbitrary: fc.string() });
    fc.assert(
      fc.property(fc.dictionary(name, anything, { maxKeys: 2, noNullPrototype: true }), fc.constantFrom<Place>("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT"), (values, place) => {
        const { broker, client } = connected();
        try {
          // An application without types may do so.
          ACTIONS[place](client, new Properties(values));
        } catch (error) {
          if (!(error instanceof MqttError)) throw error;
          expect(["ERR_ARGUMENT", "ERR_TOPIC", "ERR_PACKET_SIZE"]).toContain(error.code);
        }
        firstPacket(broker.transport.sent); // throws where the standard is broken
      }),
      runs(1500),
    );
  });

  it("that are well-formed otherwise are refused where they do not belong", () => {
    const misplaced = fc.constantFrom<Place>("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT").chain((place) => {
      const allowed: readonly PropertyName[] = PLACES[place];
      const givable = [...new Set([...Object.values(PLACES).flat(), ...namesOf("client", "WILL")])];
      const names = givable.filter((name) => !allowed.includes(name));
      return fc.tuple(fc.constant(place), fc.constantFrom(...names).chain(propertyOf));
    });
    fc.assert(
      fc.property(misplaced, ([place, property]) => {
        const { broker, client } = connected();
        const properties = new Properties(givenOf([property]));
        expect(() => ACTIONS[place](client, properties)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
        expect(broker.transport.sent).toHaveLength(0);
      }),
      runs(200),
    );
  });
});
