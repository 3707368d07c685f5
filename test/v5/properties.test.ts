import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Properties, type GivenProperties } from "mqtt-xs/v5";
import { DISCONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE } from "../../src/wire/packet-type.js";
import { WILL } from "../../src/v5/property-table.js";
import { toHex } from "../support/packets.js";
import { properties, type Property, type PropertyList } from "../support/v5/packets.js";
import { namesOf, PROPERTY_NAMES, type PropertyName, type PropertyPlace } from "../support/v5/property-table.js";
import { expectRefused } from "../conformance/support.js";

/** What is expected of them, without the length in front. */
function encoded(list: PropertyList): string {
  const bytes = properties(list);
  return toHex(bytes.slice(bytes.findIndex((byte) => byte < 0x80) + 1));
}

function expectEncoded(given: GivenProperties, list: PropertyList): void {
  expect(toHex(new Properties(given).bytes)).toBe(encoded(list));
}

function expectWrong(
  given: Readonly<Record<string, unknown>>,
  name: string,
  code: "ERR_ARGUMENT" | "ERR_TOPIC" = "ERR_ARGUMENT",
): void {
  expectRefused(() => new Properties(given), code, name);
}

/** What an application gives, with a value; the name in our table of the standard differs for User Properties only. */
const GIVEN: Readonly<Record<string, readonly [value: unknown, name: PropertyName]>> = {
  payloadFormatIndicator: [true, "payloadFormatIndicator"],
  messageExpiryInterval: [60, "messageExpiryInterval"],
  contentType: ["application/json", "contentType"],
  responseTopic: ["a/b", "responseTopic"],
  correlationData: [Uint8Array.of(0, 255), "correlationData"],
  subscriptionIdentifier: [7, "subscriptionIdentifier"],
  sessionExpiryInterval: [60, "sessionExpiryInterval"],
  willDelayInterval: [60, "willDelayInterval"],
  reasonString: ["why", "reasonString"],
  userProperties: [{ a: "b" }, "userProperty"],
};

describe("Properties", () => {
  it("of each kind are encoded as the standard has them", () => {
    expectEncoded({ payloadFormatIndicator: true }, [["payloadFormatIndicator", 1]]);
    expectEncoded({ payloadFormatIndicator: false }, [["payloadFormatIndicator", 0]]);
    expectEncoded({ contentType: "é😀\ufeff" }, [["contentType", "é😀\ufeff"]]);
    expectEncoded({ contentType: "" }, [["contentType", ""]]);
    expectEncoded({ responseTopic: "/" }, [["responseTopic", "/"]]);
    expectEncoded({ correlationData: new Uint8Array() }, [["correlationData", ""]]);
    expectEncoded({ correlationData: Uint8Array.of(0, 1, 255) }, [["correlationData", Uint8Array.of(0, 1, 255)]]);
    expectEncoded({ reasonString: "why" }, [["reasonString", "why"]]);
    expectEncoded({}, []);
  });

  it("of several kinds keep the order that they are given in; those that are undefined are left out", () => {
    const given = { contentType: "a", messageExpiryInterval: 1, payloadFormatIndicator: undefined, willDelayInterval: 2 };
    expectEncoded(given as unknown as GivenProperties, [
      ["contentType", "a"],
      ["messageExpiryInterval", 1],
      ["willDelayInterval", 2],
    ]);
  });

  for (const name of ["messageExpiryInterval", "sessionExpiryInterval", "willDelayInterval"] as const)
    it(`${name} goes from 0 to 4,294,967,295`, () => {
      for (const value of [0, 1, 255, 256, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff])
        expectEncoded({ [name]: value }, [[name, value]]);
      for (const value of [-1, 0x1_0000_0000, 0.5, NaN, Infinity, "1", true, null, {}, [1]]) expectWrong({ [name]: value }, name);
    });

  it("subscriptionIdentifier goes from 1 to 268,435,455, in as few bytes as it takes", () => {
    for (const value of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 0xfffffff]) {
      expectEncoded({ subscriptionIdentifier: value }, [["subscriptionIdentifier", value]]);
      expect(new Properties({ subscriptionIdentifier: value }).subscriptionIdentifier).toBe(value);
    }
    expect(new Properties({}).subscriptionIdentifier).toBe(0);
    for (const value of [0, -1, 0x10000000, 1.5, NaN, "1", true, null, [1]])
      expectWrong({ subscriptionIdentifier: value }, "subscriptionIdentifier");
  });

  it("payloadFormatIndicator is true or false, nothing else", () => {
    for (const value of [0, 1, 2, "true", null, {}]) expectWrong({ payloadFormatIndicator: value }, "payloadFormatIndicator");
  });

  for (const name of ["contentType", "reasonString"] as const)
    it(`${name} is text of up to 65,535 bytes without U+0000 and surrogates`, () => {
      for (const text of ["a".repeat(65_535), "€".repeat(21_845)]) expectEncoded({ [name]: text }, [[name, text]]);
      for (const text of ["a".repeat(65_536), "€".repeat(21_846), "\0", "a\0b", "\ud800", "a\udfff", "\udc00\ud800"])
        expectWrong({ [name]: text }, name);
      for (const value of [1, true, null, {}, ["a"], Uint8Array.of(0x61)]) expectWrong({ [name]: value }, name);
    });

  it("responseTopic is a topic name", () => {
    for (const topic of ["", "+", "a/#", "a\0", "\ud800", "a".repeat(65_536)])
      expectWrong({ responseTopic: topic }, "", "ERR_TOPIC");
    for (const value of [1, null, {}]) expectWrong({ responseTopic: value }, "", "ERR_TOPIC");
  });

  it("correlationData is up to 65,535 bytes, and copied", () => {
    const data = new Uint8Array(65_535).fill(7);
    const made = new Properties({ correlationData: data });
    data.fill(8);
    expect(toHex(made.bytes)).toBe(encoded([["correlationData", new Uint8Array(65_535).fill(7)]]));
    for (const value of [new Uint8Array(65_536), "text", [1, 2], 7, null, new ArrayBuffer(2)])
      expectWrong({ correlationData: value }, "correlationData");
  });

  it("correlationData may be a part of a buffer", () => {
    const buffer = Uint8Array.of(1, 2, 3, 4, 5);
    expectEncoded({ correlationData: buffer.subarray(1, 3) }, [["correlationData", Uint8Array.of(2, 3)]]);
  });

  it("userProperties are names with a value or several, or pairs, in order", () => {
    const list: PropertyList = [["userProperty", ["b", "1"]], ["userProperty", ["a", "2"]], ["userProperty", ["a", "3"]]];
    expectEncoded({ userProperties: { b: "1", a: ["2", "3"] } }, list);
    expectEncoded({ userProperties: [["b", "1"], ["a", "2"], ["a", "3"]] }, list);
    expectEncoded({ userProperties: [["a", "1"], ["b", "2"], ["a", "3"]] }, [
      ["userProperty", ["a", "1"]],
      ["userProperty", ["b", "2"]],
      ["userProperty", ["a", "3"]],
    ]);
    expectEncoded({ userProperties: {} }, []);
    expectEncoded({ userProperties: [] }, []);
    expectEncoded({ userProperties: { a: [], "": "" } }, [["userProperty", ["", ""]]]);
  });

  it("userProperties have names and values of text, each by the rules of text", () => {
    const longest = "x".repeat(65_535);
    expectEncoded({ userProperties: [[longest, longest]] }, [["userProperty", [longest, longest]]]);
    for (const wrong of ["\0", "\ud800", "x".repeat(65_536), 1, null, undefined, {}]) {
      expectWrong({ userProperties: [["a", wrong]] }, "userProperties");
      expectWrong({ userProperties: [[wrong, "a"]] }, "userProperties");
      expectWrong({ userProperties: { a: wrong } }, "userProperties");
      expectWrong({ userProperties: { a: ["b", wrong] } }, "userProperties");
    }
    expectWrong({ userProperties: { "\0": "a" } }, "userProperties");
    expectWrong({ userProperties: [["a"]] }, "userProperties");
  });

  it("names that an application does not give, or that there are not, are refused by name", () => {
    const names = PROPERTY_NAMES.filter((name) => !(name in GIVEN));
    for (const name of [...names, "nothing", "ContentType", "content-type", "toString", "constructor", "__proto__x", "0"]) {
      for (const value of [1, true, "a", Uint8Array.of(1)]) expectWrong({ [name]: value }, name);
    }
  });

  it("an error says nothing of what correlation data, texts or user properties hold", () => {
    const messages = [{ correlationData: "secret" }, { contentType: "secret\0" }, { userProperties: { a: "secret\0" } }].map(
      (given) => {
        try {
          return String(new Properties(given as unknown as GivenProperties).bytes.length);
        } catch (error) {
          return String(error);
        }
      },
    );
    expect(messages).toHaveLength(3);
    for (const message of messages) expect(message).not.toContain("secret");
  });
});

describe("where Properties belong", () => {
  const PLACES = { WILL, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT };

  /** What of the table of the standard holds for what the application gives to a packet of its own. */
  function belong(name: PropertyName, place: PropertyPlace): boolean {
    return namesOf("client", place).includes(name);
  }

  for (const [place, type] of Object.entries(PLACES))
    for (const [key, [value, name]] of Object.entries(GIVEN)) {
      // The same bit says that a server's PUBLISH has one. That a client's has none [MQTT-3.3.4-6] is for `publish` to see to.
      if (place === "PUBLISH" && name === "subscriptionIdentifier") continue;
      it(`${key} ${belong(name, place as PropertyPlace) ? "may" : "may not"} stand in ${place}`, () => {
        const made = new Properties({ [key]: value });
        expect(((made.packets >> type) & 1) === 1).toBe(belong(name, place as PropertyPlace));
      });
    }

  it("several belong where each of them does", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...Object.keys(GIVEN)), { minLength: 1 }), (keys) => {
        const made = new Properties(Object.fromEntries(keys.map((key) => [key, GIVEN[key][0]])));
        for (const [place, type] of Object.entries(PLACES)) {
          if (place === "PUBLISH" && keys.includes("subscriptionIdentifier")) continue;
          expect(((made.packets >> type) & 1) === 1).toBe(keys.every((key) => belong(GIVEN[key][1], place as PropertyPlace)));
        }
      }),
    );
  });

  it("none at all belong everywhere", () => {
    for (const type of Object.values(PLACES)) expect((new Properties({}).packets >> type) & 1).toBe(1);
  });

  it("all at once are encoded one behind the other", () => {
    const list = Object.entries(GIVEN).map(([key, [value, name]]): Property => {
      if (key === "userProperties") return ["userProperty", ["a", "b"]];
      return [name, value === true ? 1 : value] as Property; // sound by the table above
    });
    expectEncoded(Object.fromEntries(Object.entries(GIVEN).map(([key, [value]]) => [key, value])), list);
  });
});
