import { describe, expect, it } from "vitest";
import { telemetry, type Sensors, type Telemetry, type TelemetryOptions } from "../../hosts/telemetry.js";
import { MAXIMUM_INTERVAL, MINIMUM_INTERVAL } from "../../hosts/telemetry/interval.js";
import { Journal, StoredSession } from "mqtt-xs/store";
import { FailingFlash } from "../store/support/failing-flash.js";
import { puback, publish, suback, type ClientPacket } from "../support/packets.js";
import { ScriptedBroker, type ScriptedBrokerOptions } from "../support/scripted-broker.js";

const INTERVAL = 100;

/** The firmware, its broker, and what its observer was told, a line each. */
class Bench {
  readonly told: string[] = [];
  readonly broker: ScriptedBroker;
  readonly firmware: Telemetry;

  constructor(options: Partial<TelemetryOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}) {
    this.broker = new ScriptedBroker(brokerOptions);
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
        onReading: (sequence) => this.#tell(`reading ${sequence}`),
        onPublished: (sequence) => this.#tell(`published ${sequence}`),
        onDelivered: (sequence, roundTrip) => this.#tell(`delivered ${sequence} after ${roundTrip}`),
        onInterval: (milliseconds) => this.#tell(`interval ${milliseconds}`),
        onCommand: (name, message) => this.#tell(`command ${name} ${message.text()}`),
        onFinished: () => this.#tell("finished"),
      },
      ...options,
    });
  }

  /** Accepts the connection and takes what the firmware begins with, up to the birth message's acknowledgement. */
  connect(): this {
    this.broker.acceptConnection();
    const { identifier, subscriptions } = this.broker.expect("SUBSCRIBE");
    expect(subscriptions[0]).toEqual({ topicFilter: "home/command/interval", qos: 1 });
    this.acknowledge(this.broker.expect("PUBLISH", { topic: "home/status", payload: "online", qos: 1, retain: true }));
    this.broker.send(suback(identifier, ...subscriptions.map(({ qos }) => qos)));
    return this;
  }

  /** Breaks the connection, and takes the firmware's next one, to the same session. */
  reconnect(): void {
    this.broker.drop();
    this.broker.advance(1_000);
    this.broker.acceptConnection({ sessionPresent: true });
  }

  acknowledge(message: ClientPacket<"PUBLISH">): void {
    this.broker.send(puback(message.identifier));
  }

  /** Takes the next reading; its JSON. */
  reading(): { message: ClientPacket<"PUBLISH">; json: Record<string, unknown> } {
    const message = this.broker.expect("PUBLISH", { topic: "home/reading" });
    return { message, json: parse(message.payload) };
  }

  /** Sends a command, of QoS 0. */
  command(payload: string, name = "interval"): void {
    this.broker.send(publish({ topic: `home/command/${name}`, payload }));
  }

  #tell(line: string): void {
    this.told.push(line);
  }
}

function parse(payload: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
}

describe("the telemetry firmware", () => {
  it("connects to a lasting session, with a retained will", () => {
    const bench = new Bench();
    const connect = bench.broker.acceptConnection();
    expect(connect).toMatchObject({ clientId: "sensor", clean: false });
    expect(connect.will).toMatchObject({ topic: "home/status", qos: 1, retain: true });
    expect(new TextDecoder().decode(connect.will?.payload)).toBe("offline");
  });

  it("says that it is online before its first reading, and again after every reconnect", () => {
    const bench = new Bench({ interval: 10_000 }).connect();
    bench.reading();
    bench.reconnect();
    expect(bench.reading().message.dup).toBe(true);
    bench.broker.expect("PUBLISH", { topic: "home/status", payload: "online", retain: true });
  });

  it("publishes a reading of QoS 1 at every interval", () => {
    const bench = new Bench().connect();
    for (let sequence = 1; sequence <= 3; sequence++) {
      const { message, json } = bench.reading();
      expect(message.qos).toBe(1);
      expect(json).toMatchObject({ sequence });
      bench.acknowledge(message);
      bench.broker.advance(INTERVAL - 1);
      bench.broker.expectNothing();
      bench.broker.advance(1);
    }
  });

  it("reads plausible sensors, the same ones at every run", () => {
    const [one, other] = [new Bench().connect(), new Bench().connect()].map((bench) => bench.reading().json);
    expect(one).toEqual(other);
    expect(Object.keys(one)).toEqual(["sequence", "temperature", "humidity", "battery"]);
    expect(one["temperature"]).toBeCloseTo(21.9, 0);
    expect(one["humidity"]).toBeCloseTo(47.3, 0);
    expect(one["battery"]).toBeCloseTo(4.1, 1);
  });

  it("tells how long an acknowledgement took, whichever it is", () => {
    const bench = new Bench({}, { clockStart: 2 ** 32 - 50 }).connect();
    const first = bench.reading().message;
    bench.broker.advance(INTERVAL);
    bench.acknowledge(bench.reading().message);
    bench.broker.advance(7);
    bench.acknowledge(first);
    expect(bench.told).toEqual([
      "connect false",
      "reading 1",
      "published 1",
      "reading 2",
      "published 2",
      "delivered 2 after 0",
      "delivered 1 after 107",
    ]);
  });

  it("calls a reading of QoS 0 delivered when it is handed over", () => {
    const bench = new Bench({ qos: 0 }).connect();
    expect(bench.reading().message.qos).toBe(0);
    expect(bench.told).toEqual(["connect false", "reading 1", "published 1", "delivered 1 after 0"]);
  });
});

/** Sensors that always show the same. */
function still(fields: Partial<Sensors>): Sensors {
  return { temperature: 0, humidity: 0, battery: 0, sample: () => undefined, ...fields };
}

describe("sensors of the caller's", () => {
  it("are read once for each reading, by its sequence number", () => {
    const sampled: number[] = [];
    const bench = new Bench({ sensors: still({ sample: (sequence) => sampled.push(sequence) }) }).connect();
    bench.reading();
    bench.broker.advance(INTERVAL);
    bench.reading();
    expect(sampled).toEqual([1, 2]);
  });

  it("are published to as many places as make sense", () => {
    const sensors = still({ temperature: -12.345, humidity: 55.55, battery: 3.7 });
    const { payload } = new Bench({ sensors }).connect().reading().message;
    expect(new TextDecoder().decode(payload)).toBe('{"sequence":1,"temperature":-12.35,"humidity":55.6,"battery":3.700}');
  });

  it("may have more to tell, which stands behind the rest", () => {
    const extras = [
      { name: "memory", value: 181_244 },
      { name: 'the "chip"', value: 41.66, decimals: 1 },
    ];
    const { message, json } = new Bench({ sensors: still({ extras }), payloadSize: 200 }).connect().reading();
    expect(Object.keys(json)).toEqual(["sequence", "temperature", "humidity", "battery", "memory", 'the "chip"', "padding"]);
    expect(json).toMatchObject({ memory: 181_244, 'the "chip"': 41.7 });
    expect(message.payload.length).toBe(200);
  });

  it.each([NaN, Infinity, -Infinity, 1e9, -1e20])("that say %d are published as null", (value) => {
    const sensors = still({ temperature: value, extras: [{ name: "signal", value }] });
    expect(new Bench({ sensors }).connect().reading().json).toMatchObject({ temperature: null, humidity: 0, signal: null });
  });

  it("fit with all numbers at their longest", () => {
    const value = -999_999_999.5;
    const extras = Array.from({ length: 5 }, (_, index) => ({ name: `number ${index}`, value, decimals: 6 }));
    const sensors = still({ temperature: value, humidity: value, battery: value, extras });
    expect(new Bench({ sensors, payloadSize: 1 }).connect().reading().json).toMatchObject({ battery: value, "number 4": value });
  });
});

describe("a reading out of turn", () => {
  it("goes at once, and the next one follows an interval later", () => {
    const bench = new Bench().connect();
    bench.reading();
    bench.broker.advance(INTERVAL - 1);
    expect(bench.firmware.read()).toBe(true);
    expect(bench.reading().json).toMatchObject({ sequence: 2 });
    bench.broker.advance(INTERVAL - 1);
    bench.broker.expectNothing();
    bench.broker.advance(1);
    expect(bench.reading().json).toMatchObject({ sequence: 3 });
  });

  it("is not taken while another waits, nor after the end", () => {
    const bench = new Bench({ inflight: 1 }).connect();
    const { message } = bench.reading();
    expect([bench.firmware.read(), bench.firmware.read()]).toEqual([true, false]);
    bench.acknowledge(message);
    bench.acknowledge(bench.reading().message);
    bench.firmware.stop();
    expect(bench.firmware.read()).toBe(false);
  });

  it("may come before the first connection, and is then the first", () => {
    const bench = new Bench();
    expect(bench.firmware.read()).toBe(true);
    bench.broker.acceptConnection();
    bench.broker.expect("SUBSCRIBE");
    expect(bench.reading().json).toMatchObject({ sequence: 1 });
  });
});

describe("a broker that does not keep up", () => {
  it("sets the pace: what finds no room waits, and nothing is lost", () => {
    const bench = new Bench({ inflight: 2 }).connect();
    const [first, second] = [bench.reading().message, (bench.broker.advance(INTERVAL), bench.reading().message)];
    bench.broker.advance(10 * INTERVAL);
    bench.broker.expectNothing();
    expect(bench.told.at(-1)).toBe("reading 3");

    bench.acknowledge(first);
    expect(bench.reading().json).toMatchObject({ sequence: 3 });
    bench.acknowledge(second);
    bench.broker.advance(INTERVAL);
    expect(bench.reading().json).toMatchObject({ sequence: 4 });
  });

  it("gets readings of an outage when it is back", () => {
    const bench = new Bench({ inflight: 3 }).connect();
    bench.acknowledge(bench.reading().message);
    bench.reconnect();
    for (let sequence = 2; sequence <= 4; sequence++) expect(bench.reading().json).toMatchObject({ sequence });
  });
});

describe("the interval command", () => {
  it.each([`${MINIMUM_INTERVAL}`, `${MAXIMUM_INTERVAL}`, "0000250"])("takes %s", (payload) => {
    const bench = new Bench({ keepalive: 0 }).connect();
    bench.reading();
    bench.command(payload);
    expect(bench.told.at(-1)).toBe(`interval ${Number(payload)}`);
    bench.broker.advance(Number(payload) - 1);
    bench.broker.expectNothing();
    bench.broker.advance(1);
    expect(bench.reading().json).toMatchObject({ sequence: 2 });
  });

  it.each(["", "9", "3600001", "1e3", "-20", "20.5", " 20", "00000250", "zwanzig"])("ignores %j", (payload) => {
    const bench = new Bench().connect();
    bench.reading();
    bench.command(payload);
    expect(bench.told.at(-1)).toBe("published 1");
    bench.broker.advance(INTERVAL);
    expect(bench.reading().json).toMatchObject({ sequence: 2 });
  });
});

describe("other commands", () => {
  it("have a subscription each, in one SUBSCRIBE", () => {
    const bench = new Bench({ commands: ["led", "screen/message"] });
    bench.broker.acceptConnection();
    const { subscriptions } = bench.broker.expect("SUBSCRIBE");
    expect(subscriptions.map(({ topicFilter }) => topicFilter)).toEqual([
      "home/command/interval",
      "home/command/led",
      "home/command/screen/message",
    ]);
    expect(subscriptions.map(({ qos }) => qos)).toEqual([1, 1, 1]);
  });

  it("go to the observer, by their names", () => {
    const bench = new Bench({ commands: ["led", "screen/message"] }).connect();
    bench.reading();
    bench.command("on", "led");
    bench.command("", "screen/message");
    expect(bench.told.slice(-2)).toEqual(["command led on", "command screen/message "]);
  });

  it("do not go there unasked, nor does the interval", () => {
    const bench = new Bench({ commands: ["led"] }).connect();
    bench.reading();
    bench.command("on", "relay");
    bench.command("500");
    expect(bench.told.slice(-2)).toEqual(["published 1", "interval 500"]);
  });

  it("may be as many as the caller likes", () => {
    const commands = Array.from({ length: 20 }, (_, index) => `${index}`);
    const bench = new Bench({ commands }).connect();
    bench.reading();
    bench.command("on", "19");
    expect(bench.told.at(-1)).toBe("command 19 on");
  });

  it("need no observer", () => {
    const bench = new Bench({ commands: ["led"], observer: {} }).connect();
    bench.command("on", "led");
    bench.reading();
  });
});

describe("padded readings", () => {
  it.each([128, 400, 5_000, 100_000])("have exactly %d bytes of JSON, in pieces where they must", (payloadSize) => {
    const bench = new Bench({ payloadSize }).connect();
    for (let sequence = 1; sequence <= 3; sequence++) {
      const { message, json } = bench.reading();
      expect(message.payload.length).toBe(payloadSize);
      expect(json).toMatchObject({ sequence });
      expect(json["padding"]).toMatch(/^ +$/);
      bench.acknowledge(message);
      bench.broker.advance(INTERVAL);
    }
  });

  it("stay whole when they would not fit", () => {
    const { message, json } = new Bench({ payloadSize: 1 }).connect().reading();
    expect(json).toMatchObject({ sequence: 1, padding: "" });
    expect(message.payload.length).toBeGreaterThan(1);
  });

  it("stream again, as they were, after a reconnect", () => {
    const bench = new Bench({ payloadSize: 5_000 }).connect();
    const first = bench.reading().message;
    bench.broker.advance(INTERVAL);
    const second = bench.reading().message;
    bench.reconnect();
    expect(bench.reading().message).toMatchObject({ dup: true, identifier: first.identifier, payload: first.payload });
    expect(bench.reading().message).toMatchObject({ dup: true, identifier: second.identifier, payload: second.payload });
  });
});

describe("the end", () => {
  const expectFarewell = ({ broker }: Bench): ClientPacket<"PUBLISH"> =>
    broker.expect("PUBLISH", { topic: "home/status", payload: "offline", qos: 1, retain: true });

  it("comes after `count` readings, once all is acknowledged: offline, then DISCONNECT", () => {
    const bench = new Bench({ count: 2 }).connect();
    const first = bench.reading().message;
    bench.broker.advance(INTERVAL);
    bench.acknowledge(bench.reading().message);
    bench.broker.expectNothing();
    bench.acknowledge(first);
    bench.acknowledge(expectFarewell(bench));
    bench.broker.expect("DISCONNECT");
    bench.broker.expectClosed();
    expect(bench.told.at(-1)).toBe("finished");
    bench.broker.advance(60_000);
    bench.broker.expectClosed();
  });

  it("comes with QoS 0 as well, after the last byte", () => {
    const bench = new Bench({ count: 1, qos: 0, payloadSize: 5_000 }).connect();
    expect(bench.reading().message.payload.length).toBe(5_000);
    bench.acknowledge(expectFarewell(bench));
    bench.broker.expect("DISCONNECT");
  });

  it("waits for a connection, if it has to", () => {
    const bench = new Bench({ count: 1 }).connect();
    bench.reading();
    bench.reconnect();
    bench.acknowledge(bench.reading().message);
    bench.acknowledge(expectFarewell(bench));
    bench.broker.expect("DISCONNECT");
  });

  it("comes on `stop`, with what is on its way acknowledged", () => {
    const bench = new Bench().connect();
    const first = bench.reading().message;
    bench.firmware.stop();
    bench.broker.advance(2 * INTERVAL);
    bench.broker.expectNothing();
    bench.acknowledge(first);
    bench.acknowledge(expectFarewell(bench));
    bench.broker.expect("DISCONNECT");
    expect(bench.told.at(-1)).toBe("finished");
  });

  it("does not wait for ever after `stop`", () => {
    const bench = new Bench().connect();
    bench.reading();
    bench.firmware.stop();
    bench.broker.advance(2_000);
    bench.broker.expect("DISCONNECT");
    bench.broker.expectClosed();
    expect(bench.told.at(-1)).toBe("finished");
  });

  it("comes at once on `stop` without a connection", () => {
    const bench = new Bench();
    bench.broker.transport.refuse();
    bench.firmware.stop();
    bench.firmware.stop();
    expect(bench.told).toEqual(["disconnect ERR_SOCKET", "finished"]);
    bench.broker.advance(60_000);
    expect(bench.broker.transport.opens).toBe(1);
  });
});

describe("The firmware with a stored session", () => {
  it("goes on with QoS 0 where the flash has failed", () => {
    const flash = new FailingFlash(2, 4_096);
    const bench = new Bench({ session: new StoredSession(new Journal(flash)) }).connect();
    bench.acknowledge(bench.reading().message);
    flash.cutAfter = flash.steps;
    bench.broker.advance(INTERVAL);
    expect(bench.reading().message.qos).toBe(0);
    bench.broker.advance(INTERVAL);
    expect(bench.told.slice(-3)).toEqual(["reading 3", "published 3", "delivered 3 after 0"]);
  });
});
