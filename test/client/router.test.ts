import { describe, expect, it } from "vitest";
import { route } from "../../src/client/router.js";
import { type Message, ReceivedMessage } from "../../src/session/message.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { utf8 } from "../support/packets.js";

function message(topic: string): ReceivedMessage {
  const bytes = utf8(`..${topic}..`);
  const received = new ReceivedMessage(bytes);
  received.topicStart = 2;
  received.topicEnd = bytes.length - 2;
  return received;
}

/** Routes a message to one handler for each filter; gives the filters whose handlers were called. */
function routed(topic: string, ...filters: readonly string[]): string[] {
  const called: string[] = [];
  const entries = filters.map((filter) => ({ filter: new TopicFilter(filter), qos: 0 as const, handler: () => called.push(filter) }));
  expect(route(entries, message(topic))).toBe(called.length > 0);
  return called;
}

describe("route", () => {
  it("calls the handlers of all filters that match, in the order they were made", () => {
    expect(routed("a/b", "#", "a/+", "c/#", "a/b", "+/b/#", "a")).toEqual(["#", "a/+", "a/b", "+/b/#"]);
  });

  it("tells that nobody took the message", () => {
    expect(routed("a/b", "a", "b/#")).toEqual([]);
    expect(routed("$SYS/a", "#")).toEqual([]);
    expect(routed("a")).toEqual([]);
  });

  it("counts a filter without a handler as nobody", () => {
    const silent = { filter: new TopicFilter("a"), qos: 0 as const, handler: undefined };
    expect(route([silent], message("a"))).toBe(false);
  });

  it("gives every handler the same message", () => {
    const seen: Message[] = [];
    const entries = ["a", "+"].map((filter) => ({
      filter: new TopicFilter(filter),
      qos: 0 as const,
      handler: (received: Message) => seen.push(received),
    }));
    const received = message("a");
    route(entries, received);
    expect(seen[0]).toBe(received);
    expect(seen[1]).toBe(received);
  });
});
