import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MqttError } from "../../src/errors.js";
import { ReceivedMessage } from "../../src/v5/message.js";
import { ReceivedProperties } from "../../src/v5/received-properties.js";
import { TopicAliasTable } from "../../src/v5/topic-alias-table.js";
import { utf8 } from "../support/packets.js";

/** A message with this topic, which may be empty, somewhere in a buffer. */
function messageTo(topic: string, at = 5): ReceivedMessage {
  const bytes = new Uint8Array(300).fill(0xee);
  bytes.set(utf8(topic), at);
  const message = new ReceivedMessage(new ReceivedProperties(bytes, true));
  message.topicStart = at;
  message.topicEnd = at + utf8(topic).length;
  return message;
}

/** What the table makes of a message with this topic and alias: the topic, or what is wrong. */
function resolved(table: TopicAliasTable, topic: string, alias: number, at?: number): string | MqttError {
  const message = messageTo(topic, at);
  return table.resolve(message, alias) ?? message.topic;
}

const INVALID = { code: "ERR_PROTOCOL", reasonCode: 0x94 };
const UNKNOWN = { code: "ERR_PROTOCOL", reasonCode: 0x82 };
const TOO_LONG = { code: "ERR_RECEIVE_SIZE", reasonCode: 0x97, fault: "resources" };

describe("a table of topic aliases", () => {
  it("gives an empty topic the one that its alias was given last, until it is given another", () => {
    const table = new TopicAliasTable(2, 10);
    expect(resolved(table, "a/b", 1)).toBe("a/b");
    expect(resolved(table, "", 1)).toBe("a/b");
    expect(resolved(table, "é", 2)).toBe("é");
    expect(resolved(table, "", 1)).toBe("a/b");
    expect(resolved(table, "longer/1", 1)).toBe("longer/1");
    expect(resolved(table, "", 1)).toBe("longer/1");
    expect(resolved(table, "c", 1)).toBe("c");
    expect(resolved(table, "", 1)).toBe("c");
    expect(resolved(table, "", 2)).toBe("é");
  });

  it("refuses aliases above its size, with a topic or without, and one that has no topic", () => {
    for (const count of [0, 1, 2, 255, 256, 1_000]) {
      const table = new TopicAliasTable(count, 4);
      for (const alias of [count + 1, count + 2, 65_535]) {
        expect(resolved(table, "a", alias)).toMatchObject(INVALID);
        expect(resolved(table, "", alias)).toMatchObject(INVALID);
      }
      if (count === 0) continue;
      expect(resolved(table, "", count)).toMatchObject(UNKNOWN);
      expect(resolved(table, "a", count)).toBe("a");
      expect(resolved(table, "", count)).toBe("a");
    }
  });

  it("has room for topics of as many bytes as it was made for, in each place; a longer one leaves all as it was", () => {
    const table = new TopicAliasTable(3, 4);
    for (const alias of [1, 2, 3]) expect(resolved(table, `abc${alias}`, alias)).toBe(`abc${alias}`);
    for (const topic of ["abcde", "€€", "x".repeat(200)]) expect(resolved(table, topic, 2)).toMatchObject(TOO_LONG);
    for (const alias of [1, 2, 3]) expect(resolved(table, "", alias)).toBe(`abc${alias}`);
  });

  it("forgets all of them when another connection begins", () => {
    const table = new TopicAliasTable(2, 4);
    resolved(table, "a", 1);
    resolved(table, "b", 2);
    table.clear();
    for (const alias of [1, 2]) expect(resolved(table, "", alias)).toMatchObject(UNKNOWN);
    expect(resolved(table, "c", 2)).toBe("c");
    expect(resolved(table, "", 1)).toMatchObject(UNKNOWN);
  });

  it("needs nothing of the buffer that a topic came in, once it has it", () => {
    const table = new TopicAliasTable(1, 10);
    const message = messageTo("a/b");
    table.resolve(message, 1);
    message.bytes.fill(0);
    expect(resolved(table, "", 1)).toBe("a/b");
  });

  it("leaves a message with a topic where it was", () => {
    const message = messageTo("a/b", 7);
    new TopicAliasTable(1, 10).resolve(message, 1);
    expect([message.topicStart, message.topicEnd, message.topicBytes]).toEqual([7, 10, message.bytes]);
  });

  it("does as a map would, whatever comes", () => {
    const step = fc.record({
      alias: fc.integer({ min: 1, max: 6 }),
      topic: fc.string({ maxLength: 10 }),
      at: fc.nat({ max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(step, fc.constant("clear" as const)), { maxLength: 40 }), (steps) => {
        const table = new TopicAliasTable(4, 8);
        const map = new Map<number, string>();
        for (const it of steps) {
          if (it === "clear") {
            table.clear();
            map.clear();
            continue;
          }
          const { alias, topic, at } = it;
          const known = map.get(alias);
          const fits = utf8(topic).length <= 8;
          if (topic !== "" && alias <= 4 && fits) map.set(alias, topic);
          const expected = alias > 4 ? INVALID : !fits ? TOO_LONG : topic !== "" ? topic : (known ?? UNKNOWN);
          const found = resolved(table, topic, alias, at);
          if (typeof expected === "string") expect(found).toBe(expected);
          else expect(found).toMatchObject(expected);
        }
      }),
      { numRuns: 500 },
    );
  });
});
