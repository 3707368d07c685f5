import { describe, expect, it } from "vitest";
import { telemetry, type Sensors, type Telemetry, type TelemetryOptions } from "../../hosts/telemetry-v5.js";
import { puback, pubcomp, publish, pubrec, suback, type ClientPacket, type ConnackFields } from "../support/v5/packets.js";
import { ScriptedBroker5 } from "../support/v5/scripted-broker.js";

const INTERVAL = 100;
const DAY = 86_400;

/** The firmware, its server, and what its observer was told, a line each. What is the same over 3.1.1 is tested there. */
class Bench {
  readonly told: string[] = [];
  readonly broker = new ScriptedBroker5();
  readonly firmware: Telemetry;

  constructor(options: Partial<TelemetryOptions> = {}) {
    this.firmware = telemetry({
      transport: this.broker.transport,
      clock: this.broker.clock,
      random: () => 0.5,
      clientId: "sensor",
      base: "home",
      interval: INTERVAL,
      observer: {
        onConnect: (sessionPresent) => this.#tell(`connect ${sessionPresent}`),
        onDisconnect: (error) => this.#tell(`disconnect ${error?.code ?? ""}`),
        onPublished: (sequence) => this.#tell(`published ${sequence}`),
        onDelivered: (sequence, roundTrip) => this.#tell(`delivered ${sequence} after ${roundTrip}`),
        onRefused: (sequence, reasonCode) => this.#tell(`refused ${sequence}: ${reasonCode}`),
        onInterval: (milliseconds) => this.#tell(`interval ${milliseconds}`),
        onFinished: () => this.#tell("finished"),
      },
      ...options,
    });
  }

  /** Accepts the connection and takes what the firmware begins with, up to the birth message's acknowledgement. */
  connect(answer?: ConnackFields): this {
    this.broker.acceptConnection(answer);
    const { identifier } = this.broker.expect("SUBSCRIBE");
    const { identifier: birth } = this.broker.expect("PUBLISH", { topic: "home/status", payload: "online", retain: true });
    this.broker.sendTogether(puback(birth), suback(identifier, 1));
    return this;
  }

  /** Takes the next reading, which may go by an alias. */
  reading(): ClientPacket<"PUBLISH"> {
    return this.broker.expect("PUBLISH", { retain: false });
  }

  /** Takes the next reading after an interval. */
  next(): ClientPacket<"PUBLISH"> {
    this.broker.advance(INTERVAL);
    return this.reading();
  }

  acknowledge({ identifier }: ClientPacket<"PUBLISH">, reasonCode = 0): void {
    this.broker.send(puback(identifier, reasonCode));
  }

  #tell(line: string): void {
    this.told.push(line);
  }
}

function sequenceOf({ payload }: ClientPacket<"PUBLISH">): unknown {
  return (JSON.parse(new TextDecoder().decode(payload)) as { sequence: unknown }).sequence;
}

/** Sensors that always show the same. */
function still(fields: Partial<Sensors>): Sensors {
  return { temperature: 0, humidity: 0, battery: 0, sample: () => undefined, ...fields };
}

describe("the telemetry firmware over MQTT 5.0", () => {
  it("has the server keep its session for a day", () => {
    const connect = new Bench().broker.acceptConnection();
    expect(connect).toMatchObject({ protocolVersion: 5, clientId: "sensor", cleanStart: false });
    expect(connect.properties).toMatchObject({ sessionExpiryInterval: DAY });
  });

  it("has it kept as long as the caller likes", () => {
    const connect = new Bench({ sessionExpiryInterval: 60 }).broker.acceptConnection();
    expect(connect.properties).toMatchObject({ sessionExpiryInterval: 60 });
  });

  it("has a will of the status's kind, which gives the connection ten seconds to come back", () => {
    const { will } = new Bench().broker.acceptConnection();
    expect(will).toMatchObject({ topic: "home/status", qos: 1, retain: true });
    expect(will?.properties).toMatchObject({ willDelayInterval: 10, contentType: "text/plain", payloadFormatIndicator: 1 });
  });

  it("gives it as long as the caller likes", () => {
    const { will } = new Bench({ willDelayInterval: 0 }).broker.acceptConnection();
    expect(will?.properties).toMatchObject({ willDelayInterval: 0 });
  });

  it("says that its status is text, and lets it last", () => {
    const bench = new Bench();
    bench.broker.acceptConnection();
    bench.broker.expect("SUBSCRIBE");
    const { properties } = bench.broker.expect("PUBLISH", { topic: "home/status", payload: "online" });
    expect(properties).toMatchObject({ contentType: "text/plain", payloadFormatIndicator: 1 });
    expect(properties.messageExpiryInterval).toBeUndefined();
  });

  it("says that readings are JSON, in which units, and for how long they are worth delivering", () => {
    expect(new Bench().connect().reading().properties).toMatchObject({
      contentType: "application/json",
      payloadFormatIndicator: 1,
      messageExpiryInterval: DAY,
      userProperties: [
        ["temperature", "°C"],
        ["humidity", "%"],
        ["battery", "V"],
      ],
    });
  });

  it("says so of every quality of service, and of readings in pieces", () => {
    const bench = new Bench({ qos: 0, payloadSize: 5_000, messageExpiryInterval: 60 }).connect();
    for (const reading of [bench.reading(), bench.next()]) {
      expect(reading.properties).toMatchObject({ contentType: "application/json", messageExpiryInterval: 60 });
      expect(reading.payload.length).toBe(5_000);
    }
  });

  it("says the units of further numbers, where they have some", () => {
    const extras = [
      { name: "memory", value: 1, unit: "B" },
      { name: "count", value: 2 },
    ];
    const { properties } = new Bench({ sensors: still({ extras }) }).connect().reading();
    expect(properties.userProperties?.slice(3)).toEqual([["memory", "B"]]);
  });

  it("keeps units to itself on request", () => {
    expect(new Bench({ units: false }).connect().reading().properties.userProperties ?? []).toEqual([]);
  });

  it("names its topics once in a connection, where the server takes aliases", () => {
    const bench = new Bench().connect({ properties: [["topicAliasMaximum", 2]] });
    const first = bench.reading();
    expect(first.topic).toBe("home/reading");
    const { topicAlias } = first.properties;
    expect(topicAlias).toBeGreaterThan(0);
    const second = bench.next();
    expect(second.topic).toBe("");
    expect(second.properties).toMatchObject({ topicAlias, contentType: "application/json" });
    expect(sequenceOf(second)).toBe(2);
  });

  it("names them each time where it takes none", () => {
    const bench = new Bench().connect();
    for (const reading of [bench.reading(), bench.next()]) {
      expect(reading.topic).toBe("home/reading");
      expect(reading.properties.topicAlias).toBeUndefined();
    }
  });

  it("takes commands as it does over 3.1.1", () => {
    const bench = new Bench().connect();
    bench.reading();
    bench.broker.send(publish({ topic: "home/command/interval", payload: "250" }));
    expect(bench.told.at(-1)).toBe("interval 250");
  });

  it("ends in order: offline, then DISCONNECT", () => {
    const bench = new Bench({ count: 1 }).connect();
    bench.acknowledge(bench.reading());
    bench.acknowledge(bench.broker.expect("PUBLISH", { topic: "home/status", payload: "offline", retain: true }));
    bench.broker.expect("DISCONNECT", { reasonCode: 0 });
    bench.broker.expectClosed();
    expect(bench.told).toEqual(["connect false", "published 1", "delivered 1 after 0", "finished"]);
  });

  it("takes what is wrong to its caller, at once", () => {
    expect(() => new Bench({ messageExpiryInterval: -1 })).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
    expect(() => new Bench({ willDelayInterval: 0.5 })).toThrow(/willDelayInterval/);
    expect(() => new Bench({ sessionExpiryInterval: 2 ** 32 })).toThrow(/sessionExpiryInterval/);
  });
});

describe("a reading that the server refuses", () => {
  it("is told to the observer, and is not delivered", () => {
    const bench = new Bench().connect();
    bench.acknowledge(bench.reading(), 0x97);
    expect(bench.told).toEqual(["connect false", "published 1", "refused 1: 151"]);
    expect(sequenceOf(bench.next())).toBe(2);
  });

  it("is told with QoS 2 as well, by its PUBREC", () => {
    const bench = new Bench({ qos: 2 }).connect();
    bench.broker.send(pubrec(bench.reading().identifier, 0x87));
    const { identifier } = bench.next();
    bench.broker.send(pubrec(identifier));
    bench.broker.expect("PUBREL", { identifier });
    bench.broker.send(pubcomp(identifier));
    expect(bench.told.slice(1)).toEqual(["published 1", "refused 1: 135", "published 2", "delivered 2 after 0"]);
  });

  it("is not one that nobody subscribes to", () => {
    const bench = new Bench().connect();
    bench.acknowledge(bench.reading(), 0x10);
    expect(bench.told.at(-1)).toBe("delivered 1 after 0");
  });

  it("counts towards the end, which comes in order", () => {
    const bench = new Bench({ count: 1 }).connect();
    bench.acknowledge(bench.reading(), 0x97);
    bench.acknowledge(bench.broker.expect("PUBLISH", { payload: "offline", retain: true }));
    bench.broker.expect("DISCONNECT");
    expect(bench.told.slice(-2)).toEqual(["refused 1: 151", "finished"]);
  });

  it("needs no observer", () => {
    const bench = new Bench({ observer: {} }).connect();
    bench.acknowledge(bench.reading(), 0x97);
    expect(sequenceOf(bench.next())).toBe(2);
  });

  it("may be one that it had said it would not take, for its quality of service", () => {
    const bench = new Bench({ qos: 2, count: 2 }).connect({ properties: [["maximumQoS", 1]] });
    bench.broker.expectNothing();
    expect(bench.told).toEqual(["connect false", "published 1", "refused 1: 155"]);
    bench.broker.advance(INTERVAL);
    bench.broker.expect("PUBLISH", { payload: "offline", qos: 1 });
    expect(bench.told.slice(3)).toEqual(["published 2", "refused 2: 155"]);
  });

  it("may be one that was taken before that was known", () => {
    const bench = new Bench({ qos: 2 });
    expect(bench.firmware.read()).toBe(true);
    bench.broker.acceptConnection({ properties: [["maximumQoS", 1]] });
    expect(bench.told.slice(0, 2)).toEqual(["published 1", "refused 1: 155"]);
  });

  it.each([0, 1] as const)("may be one that is too large for it, with QoS %d", (qos) => {
    const bench = new Bench({ qos, payloadSize: 5_000 }).connect({ properties: [["maximumPacketSize", 1_000]] });
    bench.broker.expectNothing();
    expect(bench.told.slice(1)).toEqual(["published 1", "refused 1: 149"]);
    bench.broker.advance(INTERVAL);
    expect(bench.told.slice(3)).toEqual(["published 2", "refused 2: 149"]);
  });

  it("may be one whose properties do not fit the client's own buffers", () => {
    const bench = new Bench({ packetSize: 88 }).connect();
    bench.broker.expectNothing();
    expect(bench.told.slice(1)).toEqual(["published 1", "refused 1: 149"]);
  });
});

describe("a status that the server does not take", () => {
  it("does not keep readings from going out", () => {
    const bench = new Bench();
    bench.broker.acceptConnection({ properties: [["retainAvailable", 0]] });
    bench.broker.expect("SUBSCRIBE");
    expect(sequenceOf(bench.reading())).toBe(1);
  });
});
