import { describe, expect, it } from "vitest";
import type { Message } from "mqtt-xs";
import { publish, suback } from "../support/packets.js";
import { connected } from "./support.js";

/** Routes a message to one handler for each filter; gives the filters whose handlers were called, and what else was told. */
function routed(topic: string, ...filters: readonly string[]): unknown[] {
  const { broker, client, events } = connected({ subscriptions: 16 });
  if (filters.length > 0) {
    client.subscribe(filters.map((filter) => ({ filter, handler: () => events.push(filter) })));
    broker.send(suback(1, ...filters.map(() => 0)));
  }
  broker.send(publish({ topic }));
  return events;
}

describe("a message", () => {
  it("goes to the handlers of all filters that match, in the order they were made", () => {
    expect(routed("a/b", "#", "a/+", "c/#", "a/b", "+/b/#", "a")).toEqual(["#", "a/+", "a/b", "+/b/#"]);
  });

  it("that no filter matches goes to onMessage", () => {
    expect(routed("a/b", "a", "b/#")).toEqual([["message", "a/b", ""]]);
    expect(routed("$SYS/a", "#")).toEqual([["message", "$SYS/a", ""]]);
    expect(routed("a")).toEqual([["message", "a", ""]]);
  });

  it("goes to onMessage where the filter has no handler", () => {
    const { broker, client, events } = connected();
    client.subscribe({ filter: "a" });
    broker.send(suback(1, 0));
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual([["message", "a", ""]]);
  });

  it("is the same object for every handler", () => {
    const seen: Message[] = [];
    const { broker, client } = connected();
    client.subscribe(["a", "+"].map((filter) => ({ filter, handler: (message) => seen.push(message) })));
    broker.send(suback(1, 0, 0));
    broker.send(publish({ topic: "a" }));
    broker.send(publish({ topic: "a" }));
    expect(seen.length).toBe(4);
    expect(new Set(seen).size).toBe(1);
  });
});
