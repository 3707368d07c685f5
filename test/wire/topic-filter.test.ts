import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { viewOf } from "../../src/wire/topic.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { concat, mqttString, toHex, utf8 } from "../support/packets.js";

function matches(filter: string, topic: string): boolean {
  const bytes = concat(utf8("x/"), utf8(topic), utf8("/x")); // what lies around the topic must not matter
  return new TopicFilter(filter).matches(bytes, viewOf(bytes), 2, bytes.length - 2);
}

describe("the standard's examples", () => {
  it.each([
    // 4.7.1.2
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["#", "anything/at/all", true],
    // 4.7.1.3
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player2", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+", "sport", true],
    ["+/tennis/#", "sport/tennis/player1", true],
    ["sport/+/player1", "sport/tennis/player1", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    // 4.7.2
    ["#", "$SYS/monitor/Clients", false],
    ["+/monitor/Clients", "$SYS/monitor/Clients", false],
    ["$SYS/#", "$SYS/monitor/Clients", true],
    ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
    // 4.7.3
    ["ACCOUNTS", "Accounts", false],
    ["/finance", "finance", false],
    ["Accounts payable", "Accounts payable", true],
  ])("%s, %s: %s", (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });
});

describe("borders", () => {
  it.each([
    ["a", "a", true],
    ["a", "ab", false],
    ["ab", "a", false],
    ["a/b", "a", false],
    ["a", "a/b", false],
    ["a/#", "ab", false],
    ["a/#", "a/", true],
    ["a/b/#", "a", false],
    ["/#", "/", true],
    ["+/#", "a", true],
    ["+/#", "/", true],
    ["+/+/#", "a", false],
    ["a/+/#", "a/b", true],
    ["a/+/#", "a", false],
    ["+/", "a/", true],
    ["+/", "a", false],
    ["//", "//", true],
    ["+/+/+", "//", true],
    ["+/+", "//", false],
    ["a/+/c", "a//c", true],
    ["a/+", "a/b/", false],
    ["#", "$", false],
    ["+", "$SYS", false],
    ["+/+", "$SYS/a", false],
    ["$SYS", "$SYS", true],
    ["$SYS/#", "$SYS", true],
    ["a/+", "a/$b", true],
    ["a/#", "a/$b", true],
    ["é/+", "é/€", true],
    ["é", "è", false],
    ["\ufeffa", "a", false],
    // The bytes are compared four at a time.
    ["abcd", "abcd", true],
    ["abcd", "abc", false],
    ["abcd", "abcde", false],
    ["abcd", "abce", false],
    ["abcde", "abcd", false],
    ["abcdefgh", "abcdefgh", true],
    ["abcdefgh", "abcdefgx", false],
    ["abcdefg/+", "abcdefg/h", true],
    ["abc/+", "abc/+", true],
    ["abc/#", "abc", true],
    ["abcd/#", "abcd", true],
    ["abcd/#", "abcde", false],
    ["abcd/+/#", "abcd/efgh", true],
    ["+/efgh/ijkl", "abcd/efgh/ijkl", true],
    ["+/efgh/ijkl", "abcd/efgh/ijk", false],
    ["\uffff\uffff/a", "\uffff\uffff/a", true],
  ])("%s, %s: %s", (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  it("finds no match in the bytes after the topic", () => {
    const bytes = utf8("a/b/c");
    const view = viewOf(bytes);
    expect(new TopicFilter("a/b").matches(bytes, view, 0, 1)).toBe(false);
    expect(new TopicFilter("a/b").matches(bytes, view, 0, 3)).toBe(true);
    expect(new TopicFilter("a/b").matches(bytes, view, 0, 5)).toBe(false);
    expect(new TopicFilter("b/+").matches(bytes, view, 2, 5)).toBe(true);
  });
});

/** Written from chapter 4.7 alone, with strings split at the slashes. */
function matchesByLevels(filter: string, topic: string): boolean {
  const filterLevels = filter.split("/");
  const topicLevels = topic.split("/");
  if (topic.startsWith("$") && (filterLevels[0] === "+" || filterLevels[0] === "#")) return false;
  const hash = filterLevels.at(-1) === "#";
  const required = hash ? filterLevels.slice(0, -1) : filterLevels;
  if (hash ? topicLevels.length < required.length : topicLevels.length !== required.length) return false;
  return required.every((level, index) => level === "+" || level === topicLevels[index]);
}

describe("against a matcher that splits strings", () => {
  const name = fc.constantFrom("", "a", "b", "ab", "$", "$SYS", "é", "level", "levels");
  const topics = fc.array(name, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/")).filter((topic) => topic !== "");
  const filterLevels = fc.array(fc.oneof(name, fc.constant("+")), { maxLength: 4 });
  const filters = fc
    .tuple(filterLevels, fc.boolean())
    .map(([levels, hash]) => (hash ? [...levels, "#"] : levels).join("/"))
    .filter((filter) => filter !== "");

  it("agrees on any filter and topic", () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        expect(matches(filter, topic)).toBe(matchesByLevels(filter, topic));
      }),
      { numRuns: 5_000 },
    );
  });

  it("agrees on topics with a level replaced by a wildcard, which mostly match", () => {
    fc.assert(
      fc.property(topics, fc.nat(3), fc.constantFrom("+", "#"), (topic, at, wildcard) => {
        const levels = topic.split("/");
        const filter = (wildcard === "#" ? [...levels.slice(0, at), "#"] : levels.with(at % levels.length, "+")).join("/");
        expect(matches(filter, topic)).toBe(matchesByLevels(filter, topic));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("which filters are legal", () => {
  const LEGAL = ["#", "+", "/", "a/#", "a/+", "+/a", "+/#", "/+/", "//#", "a/+/b", "$SYS/#", "é/+", "a".repeat(65_535)];
  it.each(LEGAL)("%s is", (filter) => {
    expect(toHex(new TopicFilter(filter).bytes)).toBe(toHex(mqttString(filter)));
  });

  const ILLEGAL = ["", "a#", "a/#/b", "#/", "#/a", "##", "a+", "+a", "a/+b", "$+", "a/b+/c", "++", "a\0b", "\ud800", "a".repeat(65_536)];
  it.each(ILLEGAL)("%j is not", (filter) => {
    expect(() => new TopicFilter(filter)).toThrow(
      expect.objectContaining({ code: "ERR_TOPIC_FILTER", fault: "caller" }) as Error,
    );
  });

  it("is as a rule for each level has it", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "+", "#", "/"), minLength: 1, maxLength: 6 }), (filter) => {
        const levels = filter.split("/");
        const legal = levels.every(
          (level, at) => !/[+#]/.test(level) || level === "+" || (level === "#" && at === levels.length - 1),
        );
        if (legal) expect(toHex(new TopicFilter(filter).bytes)).toBe(toHex(mqttString(filter)));
        else expect(() => new TopicFilter(filter)).toThrow(`"${filter}": expected 1 to 65535 bytes without U+0000`);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("equals", () => {
  it.each([
    ["a/+", "a/+", true],
    ["a/+", "a/b", false],
    ["a", "a/", false],
    ["ab", "a", false],
    ["a", "A", false],
  ])("%s, %s: %s", (left, right, expected) => {
    expect(new TopicFilter(left).equals(new TopicFilter(right))).toBe(expected);
  });
});
