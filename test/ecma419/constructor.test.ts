import { describe, expect, it } from "vitest";
import MQTTClient from "../../src/ecma419.js";
import { create, expectThrown, HOST, type Options } from "./support.js";
import { TCP } from "./support/fake-socket.js";
import { Server } from "./support/server.js";

/** Options may be anything in JavaScript. */
const make = (options: object): unknown => create(options);

/** What a constructor that throws may not have left behind. */
function expectNothingMade(options: object): void {
  const server = new Server(TCP);
  const all = { host: HOST, dns: server.dns, socket: server.socket, ...options } as Options;
  expect(() => new MQTTClient(all, server.clock)).toThrow();
  expect([server.sockets, server.resolvers, server.clock.armed]).toEqual([[], [], 0]);
}

describe("The class", () => {
  const OPERATIONS = {
    CONNECT: 1,
    CONNACK: 2,
    PUBLISH: 3,
    PUBACK: 4,
    PUBREC: 5,
    PUBREL: 6,
    PUBCOMP: 7,
    SUBSCRIBE: 8,
    SUBACK: 9,
    UNSUBSCRIBE: 10,
    UNSUBACK: 11,
    PINGREQ: 12,
    PINGRESP: 13,
    DISCONNECT: 14,
  };

  it.each(Object.entries(OPERATIONS))("has %s, which is %i and cannot be changed", (name, value) => {
    expect(Reflect.get(MQTTClient, name)).toBe(value);
    expect(Reflect.set(MQTTClient, name, 99)).toBe(false);
    expect(Reflect.get(MQTTClient, name)).toBe(value);
  });

  it("may be subclassed: callbacks have the subclass's instance as this", () => {
    const server = new Server(TCP);
    class Logger extends MQTTClient {
      readonly lines: string[] = [];
      log(line: string): void {
        this.lines.push(line);
      }
    }
    const logger = new Logger(
      {
        host: HOST,
        dns: server.dns,
        socket: server.socket,
        onControl() {
          (this as unknown as Logger).log("control");
        },
      },
      server.clock,
    );
    server.accept();
    expect(logger.lines).toEqual(["control"]);
  });
});

describe("Options", () => {
  it("are required", () => {
    const { clock } = new Server(TCP);
    expect(() => new MQTTClient(undefined as never, clock)).toThrow(Error);
  });

  it.each(["host", "socket", "dns"])("need %s", (name) => {
    expectThrown(() => make({ [name]: undefined }), "ERR_ARGUMENT", name);
  });

  it("may have a port that is text, as it is in a URL, where the SDK's mqtt module has it from", () => {
    const { server } = create({ port: "1884" as never });
    server.accept();
    expect(String(server.link.options.port)).toBe("1884");
  });

  it("need no dns where there is an address", () => {
    const { server } = create({ address: "192.0.2.7", dns: undefined as never });
    expect(server.link.options.address).toBe("192.0.2.7");
  });

  const WRONG: [name: string, value: unknown][] = [
    ["host", ""],
    ["host", 5],
    ["address", 5],
    ["port", 0],
    ["port", 65_536],
    ["port", 1.5],
    ["port", "mqtt"],
    ["dns", {}],
    ["socket", {}],
    ["id", 5],
    ["id", "\0"],
    ["id", "\ud800"],
    ["user", 5],
    ["user", "\0"],
    ["password", 5],
    ["password", {}],
    ["password", new Uint16Array(2)],
    ["keepAlive", -1],
    ["keepAlive", NaN],
    ["keepAlive", "60"],
    ["keepAlive", 65_535_001],
    ["packetSize", 0],
    ["packetSize", 1.5],
    ["packetSize", 1e9],
    ["packetSize", "512"],
  ];
  it.each(WRONG)("refuse a wrong %s", (name, value) => {
    expectThrown(() => make({ [name]: value }), "ERR_ARGUMENT", name);
  });

  const WRONG_WILLS: [name: string, value: unknown][] = [
    ["will.QoS", 3],
    ["will.QoS", -1],
    ["will.QoS", "1"],
    ["will.message", 5],
    ["will.message", new Uint8Array(65_536)],
    ["will.message", new Float32Array(1)],
    ["will.topic", 5],
  ];
  it.each(WRONG_WILLS)("refuse a wrong %s", (name, value) => {
    const will = { topic: "status", message: "gone", [name.slice(5)]: value };
    expectThrown(() => make({ will, packetSize: 65_535 }), "ERR_ARGUMENT", name);
  });

  it.each(["", "a/+", "#", "\0", "\ud800"])("refuse a will to the topic %j", (topic) => {
    expectThrown(() => make({ will: { topic, message: "gone" } }), "ERR_TOPIC");
  });

  it.each(["onReadable", "onWritable", "onControl", "onError", "onClose"])("refuse an %s that is no function", (name) => {
    expectThrown(() => make({ [name]: "log" }), "ERR_ARGUMENT", name);
  });

  it("refuse a session to be kept for a client without an id, which no server could find again", () => {
    expectThrown(() => make({ clean: false }), "ERR_ARGUMENT", "id");
  });

  it("refuse what makes CONNECT too large for the buffer", () => {
    expectThrown(() => make({ packetSize: 64, id: "x".repeat(60) }), "ERR_PACKET_SIZE");
  });

  it.each([{ format: "number" }, { port: 0 }, { will: { topic: "#" } }, { keepAlive: -1 }, { host: "" }, { packetSize: -1 }])(
    "that are wrong have nothing made: %j",
    (options) => {
      expectNothingMade(options);
    },
  );

  it("may be frozen, and are not changed", () => {
    const will = Object.freeze({ topic: "status", message: "gone", QoS: 1, retain: true });
    const server = new Server(TCP);
    const [dns, socket] = [Object.freeze(server.dns), Object.freeze(server.socket)];
    const options = Object.freeze({ host: HOST, port: 1884, will, user: "u", password: "p", keepAlive: 5_000, dns, socket });
    const client = new MQTTClient(options, server.clock);
    server.accept();
    expect(server.link.isClosed).toBe(false);
    client.close();
  });

  it("may hold what the class does not know, such as device.network.mqtt's io", () => {
    const { events, server } = create({ io: MQTTClient, colour: "green" } as Partial<Options>);
    server.accept();
    expect(events).toHaveLength(1);
  });

  it.each(["id", "user", "password", "will", "port", "keepAlive", "target", "onReadable", "onControl", "onError"])(
    "may be there and undefined: %s",
    (name) => {
      const { server } = create({ [name]: undefined });
      server.accept();
      expect(server.link.isClosed).toBe(false);
    },
  );

  it("may have a will that is null", () => {
    const { server } = create({ will: null as never });
    server.open();
    expect(server.take()).toMatchObject([{ type: "CONNECT", will: undefined }]);
  });
});

describe("The instance", () => {
  it("has target as it was given, to be read and written", () => {
    const target = { name: "mine" };
    const { client } = create({ target });
    expect(client.target).toBe(target);
    client.target = "other";
    expect(client.target).toBe("other");
    expect(create().client.target).toBeUndefined();
  });

  it("has the format buffer", () => {
    expect(create().client.format).toBe("buffer");
    expect(create({ format: "buffer" }).client.format).toBe("buffer");
  });

  it("has no other format", () => {
    for (const format of ["number", "string", "object", "", 5] as never[]) {
      expect(() => create({ format })).toThrow(RangeError);
      const { client } = create();
      expect(() => (client.format = format)).toThrow(RangeError);
      expect(client.format).toBe("buffer");
    }
    const { client } = create();
    client.format = "buffer";
  });

  it("does not show its callbacks, nor its password", () => {
    const onReadable = (): void => undefined;
    const { client } = create({ onReadable, user: "u", password: "correct horse" });
    expect(Reflect.get(client, "onReadable")).not.toBe(onReadable);
    expect(JSON.stringify(client)).not.toContain("correct horse");
    expect(Object.keys(client)).not.toContain("options");
  });

  it("calls back neither from its constructor nor, without a socket, by itself", () => {
    const { events, server } = create();
    expect(events).toEqual([]);
    server.clock.advance(29_000);
    expect(events).toEqual([]);
  });
});
