import { describe, expect, it } from "vitest";
import { Client, Properties, Topic, type Authenticator, type ClientOptions, type GivenProperties } from "mqtt-xs/v5";
import { hex } from "../../support/v5/packets.js";
import { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";
import { connect, expectRefused, start } from "./support.js";

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

/** What is no whole number at all, whatever the range. */
const NO_NUMBERS = [NaN, Infinity, -Infinity, 0.5, 1.5, "1", "", true, false, {}, [], [1], () => 1];

/** What is neither true nor false. */
const NO_TRUTH = [0, 1, "true", "false", "", {}, [], NaN, () => true];

/** What is no text. */
const NO_TEXT = [0, 1, NaN, true, {}, [], ["a"], new Uint8Array(2), () => "a"];

/** A constructor call with an option that TypeScript would not let pass. */
function construct(options: Readonly<Record<string, unknown>>, writeLimit = 8_192): void {
  start(options, { writeLimit });
}

function show(value: unknown): string {
  return typeof value === "number" || typeof value === "function" ? String(value) : JSON.stringify(value);
}

describe("Options of CONNECT", () => {
  const RANGES = {
    keepalive: [0, 65_535],
    sessionExpiryInterval: [0, 0xffff_ffff],
    receiveMaximum: [1, 65_535],
    maximumPacketSize: [32, 268_435_460],
    topicAliasMaximum: [0, 65_535],
    topicAliasSize: [1, 65_535],
    topicAliases: [0, 65_535],
    packetSize: [32, 8_192],
    inflight: [1, 32_767],
    subscriptions: [1, 32_767],
    connectTimeout: [1, 0x7fff_ffff],
    reconnectPeriod: [0, 0x7fff_ffff],
    reconnectMaximum: [1, 0x7fff_ffff],
    stableAfter: [0, 0x7fff_ffff],
  } as const;

  for (const [name, [minimum, maximum]] of Object.entries(RANGES)) {
    it(`${name} may be ${minimum}, and one more, and ${maximum}, and one less`, () => {
      const small = name === "inflight" || name === "packetSize" ? {} : { packetSize: 32 };
      for (const value of [minimum, minimum + 1, maximum - 1, maximum])
        expect(() => construct({ ...small, topicAliasSize: 1, [name]: value }), String(value)).not.toThrow();
    });

    it(`refuses ${name} out of its range, and what is no whole number, and names it`, () => {
      for (const value of [minimum - 1, maximum + 1, -1 - maximum, 2 ** 53, ...NO_NUMBERS])
        expect(() => construct({ [name]: value }), show(value)).toThrow(
          expect.objectContaining({ code: "ERR_ARGUMENT", fault: "caller", message: expect.stringContaining(name) as string }),
        );
    });
  }

  for (const name of ["clean", "requestResponseInformation", "requestProblemInformation"])
    for (const value of NO_TRUTH)
      it(`refuses ${name} ${show(value)}, which is neither true nor false`, () => {
        expectRefused(() => construct({ [name]: value }), "ERR_ARGUMENT", name);
      });

  for (const name of ["clientId", "username"])
    it(`refuses ${name} that is no text`, () => {
      for (const value of NO_TEXT)
        expect(() => construct({ [name]: value }), show(value)).toThrow(
          expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string }),
        );
    });

  for (const value of [0, 1, true, false, {}, [], ["a"], new Uint16Array(2), new ArrayBuffer(2), () => "a"])
    it(`refuses password ${show(value)}, which is neither text nor bytes`, () => {
      expectRefused(() => construct({ password: value }), "ERR_ARGUMENT", "password");
      expectRefused(() => construct({ will: { topic: "t", payload: value } }), "ERR_ARGUMENT", "will.payload");
    });

  const NO_PAIRS = {
    "names without text": [[["a"]], [["a", 1]], [[1, "a"]], [5], { a: 1 }, { a: [1] }, { a: {} }, { a: null }],
    "no object": ["a", 0, 1, true],
  };
  for (const [what, values] of Object.entries(NO_PAIRS))
    it(`refuses userProperties that are ${what}`, () => {
      for (const userProperties of values) {
        const refused: unknown = expect.objectContaining({
          code: "ERR_ARGUMENT",
          message: expect.stringContaining("userProperties") as string,
        });
        expect(() => construct({ userProperties }), show(userProperties)).toThrow(refused);
        expect(() => new Properties({ userProperties } as unknown as GivenProperties), show(userProperties)).toThrow(refused);
      }
    });

  const NO_WILLS: Record<string, readonly [will: unknown, code: "ERR_ARGUMENT" | "ERR_TOPIC", named: string]> = {
    "without a topic": [{ payload: "a" }, "ERR_TOPIC", ""],
    "whose topic is empty": [{ topic: "" }, "ERR_TOPIC", ""],
    "whose topic is a number": [{ topic: 5 }, "ERR_TOPIC", ""],
    "whose topic has a wildcard": [{ topic: "a/+" }, "ERR_TOPIC", "a/+"],
    "with retain 1": [{ topic: "a", retain: 1 }, "ERR_ARGUMENT", "will.retain"],
    "with retain in text": [{ topic: "a", retain: "false" }, "ERR_ARGUMENT", "will.retain"],
    "with QoS 3": [{ topic: "a", qos: 3 }, "ERR_ARGUMENT", "will.qos"],
  };
  for (const [what, [will, code, named]] of Object.entries(NO_WILLS))
    it(`refuses a will ${what}`, () => {
      expectRefused(() => construct({ will }), code, named);
    });

  for (const method of [5, true, {}, "a\0", "\ud800", "a".repeat(65_536)])
    it(`refuses an authenticator whose method is ${show(method).slice(0, 20)}`, () => {
      expectRefused(() => construct({ authenticator: { ...METHOD, method } }), "ERR_ARGUMENT", "uthenticat");
    });

  it("refuses an authenticator that names no method", () => {
    for (const authenticator of [{}, { ...METHOD, method: undefined }, "m", 5, true])
      expectRefused(() => construct({ authenticator }), "ERR_ARGUMENT", "uthenticat");
  });

  const EVENTS = ["onConnect", "onDisconnect", "onDelivered", "onMessage", "onAuthenticated", "onWritable", "onError"];
  for (const name of [...EVENTS, "random"])
    it(`refuses ${name} that is no function`, () => {
      for (const value of [5, "a", {}, true]) expectRefused(() => construct({ [name]: value }), "ERR_ARGUMENT", name);
    });

  for (const name of ["transport", "clock"])
    it(`refuses to be without ${name}, or with another thing in its place`, () => {
      for (const value of [undefined, {}, 5, "a"]) {
        const { transport, clock } = new ScriptedBroker5();
        const options = { transport, clock, [name]: value } as unknown as ClientOptions;
        expectRefused(() => new Client(options), "ERR_ARGUMENT", name);
      }
    });

  for (const protocolVersion of [3, 4, 6, 0, "5", true, NaN])
    it(`refuses protocolVersion ${show(protocolVersion)}`, () => {
      expectRefused(() => construct({ protocolVersion }), "ERR_ARGUMENT", "protocolVersion");
    });

  it("takes protocolVersion 5", () => {
    expect(() => construct({ protocolVersion: 5 })).not.toThrow();
  });

  it("a refused constructor has opened nothing and sent nothing", () => {
    const { transport, clock } = new ScriptedBroker5();
    expectRefused(() => new Client({ transport, clock, topicAliasSize: 0 }), "ERR_ARGUMENT", "topicAliasSize");
    expect([transport.opens, clock.armed]).toEqual([0, 0]);
  });
});

describe("new Properties", () => {
  const NUMBERS = {
    messageExpiryInterval: { id: "02", some: { 1: "00 00 00 01", 65_536: "00 01 00 00" } },
    sessionExpiryInterval: { id: "11", some: { 255: "00 00 00 ff", 2_147_483_648: "80 00 00 00" } },
    willDelayInterval: { id: "18", some: { 256: "00 00 01 00", 4_294_967_294: "ff ff ff fe" } },
  };
  for (const [name, { id, some }] of Object.entries(NUMBERS)) {
    it(`${name} is four bytes, from 0 to 4,294,967,295`, () => {
      const all = { 0: "00 00 00 00", 4_294_967_295: "ff ff ff ff", ...some };
      for (const [value, bytes] of Object.entries(all))
        expect([...new Properties({ [name]: Number(value) }).bytes]).toEqual([...hex(`${id} ${bytes}`)]);
    });

    it(`refuses ${name} out of this range, and what is no whole number`, () => {
      for (const value of [-1, 2 ** 32, 2 ** 53, ...NO_NUMBERS, null])
        expect(() => new Properties({ [name]: value }), show(value)).toThrow(
          expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string }),
        );
    });
  }

  it("subscriptionIdentifier is 1 to 268,435,455, in as few bytes as it takes", () => {
    const all = { 1: "01", 127: "7f", 128: "80 01", 16_383: "ff 7f", 16_384: "80 80 01", 268_435_455: "ff ff ff 7f" };
    for (const [value, bytes] of Object.entries(all))
      expect([...new Properties({ subscriptionIdentifier: Number(value) }).bytes]).toEqual([...hex(`0b ${bytes}`)]);
  });

  it("refuses subscriptionIdentifier out of this range, and what is no whole number", () => {
    for (const value of [0, -1, 268_435_456, 2 ** 32 + 1, 2 ** 53, ...NO_NUMBERS, null])
      expect(() => new Properties({ subscriptionIdentifier: value as number }), show(value)).toThrow(
        expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining("subscriptionIdentifier") as string }),
      );
  });

  it("payloadFormatIndicator is true or false, and nothing else", () => {
    expect([...new Properties({ payloadFormatIndicator: true }).bytes]).toEqual([1, 1]);
    expect([...new Properties({ payloadFormatIndicator: false }).bytes]).toEqual([1, 0]);
    for (const value of [...NO_TRUTH, null])
      expect(() => new Properties({ payloadFormatIndicator: value as boolean }), show(value)).toThrow(
        expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining("payloadFormatIndicator") as string }),
      );
  });

  for (const [name, id] of [["contentType", "03"], ["reasonString", "1f"]] as const)
    it(`${name} is text of up to 65,535 bytes, and nothing else`, () => {
      expect([...new Properties({ [name]: "" }).bytes]).toEqual([...hex(`${id} 00 00`)]);
      expect([...new Properties({ [name]: "é" }).bytes]).toEqual([...hex(`${id} 00 02 c3 a9`)]);
      expect(new Properties({ [name]: "a".repeat(65_535) }).bytes.slice(0, 4)).toEqual(hex(`${id} ff ff 61`));
      for (const value of [...NO_TEXT, null, "a".repeat(65_536), "é".repeat(32_768), "\ud800", "\0"])
        expect(() => new Properties({ [name]: value }), show(value).slice(0, 20)).toThrow(
          expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string }),
        );
    });

  it("responseTopic is a Topic Name, and nothing else", () => {
    expect([...new Properties({ responseTopic: "a/é" }).bytes]).toEqual([...hex("08 00 04 61 2f c3 a9")]);
    expect(new Properties({ responseTopic: "a".repeat(65_535) }).bytes).toHaveLength(65_538);
    for (const value of ["", "+", "#", "a/+", "a/#", "a+b", "\0", "\udc00", "a".repeat(65_536), ...NO_TEXT, null])
      expect(() => new Properties({ responseTopic: value as string }), show(value).slice(0, 20)).toThrow(
        expect.objectContaining({ name: "MqttError", code: expect.stringMatching(/^ERR_(TOPIC|ARGUMENT)$/) as string }),
      );
  });

  it("correlationData is up to 65,535 bytes, and nothing else", () => {
    expect([...new Properties({ correlationData: hex("") }).bytes]).toEqual([...hex("09 00 00")]);
    expect([...new Properties({ correlationData: hex("00 ff") }).bytes]).toEqual([...hex("09 00 02 00 ff")]);
    expect(new Properties({ correlationData: new Uint8Array(65_535) }).bytes).toHaveLength(65_538);
    for (const value of [new Uint8Array(65_536), "text", 5, true, null, {}, [1], new ArrayBuffer(2), new Uint16Array(2)])
      expect(() => new Properties({ correlationData: value as Uint8Array }), show(value).slice(0, 20)).toThrow(
        expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining("correlationData") as string }),
      );
  });

  it("userProperties are any number of pairs of text", () => {
    const pair = hex("26 00 01 61 00 01 62");
    expect([...new Properties({ userProperties: { a: "b" } }).bytes]).toEqual([...pair]);
    expect([...new Properties({ userProperties: [["a", "b"]] }).bytes]).toEqual([...pair]);
    expect([...new Properties({ userProperties: { a: ["b", "b"] } }).bytes]).toEqual([...pair, ...pair]);
    expect([...new Properties({ userProperties: [["", ""]] }).bytes]).toEqual([...hex("26 00 00 00 00")]);
    expect([...new Properties({ userProperties: {} }).bytes]).toEqual([]);
    expect([...new Properties({ userProperties: [] }).bytes]).toEqual([]);
    const longest = "a".repeat(65_535);
    expect(new Properties({ userProperties: [[longest, longest]] }).bytes).toHaveLength(1 + 2 * 65_537);
    for (const bad of [[[`${longest}a`, "b"]], [["a", `${longest}b`]], [["\0", "b"]], [["a", "\ud800"]]] as const)
      expectRefused(() => new Properties({ userProperties: bad }), "ERR_ARGUMENT", "userProperties");
  });

  it("properties that are undefined are as good as left out", () => {
    const names = ["payloadFormatIndicator", "messageExpiryInterval", "contentType", "responseTopic", "correlationData"];
    names.push("subscriptionIdentifier", "sessionExpiryInterval", "willDelayInterval", "reasonString", "userProperties");
    expect(new Properties(Object.fromEntries(names.map((name) => [name, undefined]))).bytes).toHaveLength(0);
    expect(new Properties({}).bytes).toHaveLength(0);
  });

  it("what was given is not looked at again: changing it later changes nothing", () => {
    const correlationData = hex("01 02");
    const userProperties: [string, string][] = [["a", "b"]];
    const properties = new Properties({ correlationData, userProperties });
    correlationData.fill(9);
    userProperties.push(["c", "d"]);
    const { broker, client } = connect();
    client.publish("t", "", 0, false, properties);
    broker.expect("PUBLISH", { properties: { correlationData: hex("01 02"), userProperties: [["a", "b"]] } });
  });

  /** No application gives these: they are the server's, or the client's own business; or there are none of this name. */
  const NOT_GIVEN = [
    "assignedClientIdentifier",
    "serverKeepAlive",
    "responseInformation",
    "serverReference",
    "topicAlias",
    "maximumQoS",
    "retainAvailable",
    "wildcardSubscriptionAvailable",
    "subscriptionIdentifiersAvailable",
    "sharedSubscriptionAvailable",
    "authenticationMethod",
    "authenticationData",
    "requestProblemInformation",
    "requestResponseInformation",
    "receiveMaximum",
    "topicAliasMaximum",
    "maximumPacketSize",
    "userProperty",
    "payloadformatindicator",
    "ContentType",
    "content_type",
    "Content Type",
    "content-type",
    "unknown",
    "",
    "0",
    "1",
    "3",
    "toString",
    "constructor",
    "valueOf",
    "hasOwnProperty",
    "length",
  ];
  for (const name of NOT_GIVEN)
    it(`refuses ${JSON.stringify(name)}, which no application gives, with any value, or at the latest where it is used`, () => {
      for (const value of [0, 1, true, "a", hex("00"), {}, []]) {
        const use = (): void => {
          const properties = new Properties({ [name]: value });
          connect().client.publish("t", "", 0, false, properties);
        };
        expect(use, show(value)).toThrow(expect.objectContaining({ name: "MqttError", code: "ERR_ARGUMENT" }));
        const inWill = (): void => {
          const properties = new Properties({ [name]: value });
          start({ will: { topic: "w", properties } });
        };
        expect(inWill, show(value)).toThrow(expect.objectContaining({ name: "MqttError", code: "ERR_ARGUMENT" }));
      }
    });

  it("refuses an unknown name among known ones, and names it", () => {
    const values = { contentType: "a", contenttype: "b" } as GivenProperties;
    expectRefused(() => new Properties(values), "ERR_ARGUMENT", "contenttype");
  });

  it("a property that is refused is named, and its value, which may be secret, is not", () => {
    const bad = { contentType: "sec\0ret", reasonString: "sec\0ret" };
    for (const [name, value] of Object.entries(bad)) {
      expectRefused(() => new Properties({ [name]: value }), "ERR_ARGUMENT", name);
      expect(() => new Properties({ [name]: value })).not.toThrow(/sec/);
    }
    expect(() => new Properties({ userProperties: { token: "sec\0ret" } })).not.toThrow(/sec/);
  });
});

describe("new Topic", () => {
  it("takes aliases 0 to 65,535, and refuses what is none", () => {
    for (const alias of [0, 1, 65_535]) expect(new Topic("a", alias).alias).toBe(alias);
    for (const alias of [-1, 65_536, ...NO_NUMBERS])
      expectRefused(() => new Topic("a", alias as number), "ERR_ARGUMENT", "alias");
  });
});
