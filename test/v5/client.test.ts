import { describe, it } from "vitest";
import type { Properties } from "mqtt-xs/v5";
import { type ClientOptions } from "mqtt-xs/v5";
import { connect, expectRefused, start } from "../conformance/v5/support.js";

/** What users of other libraries give; and properties of another packet. */
const WRONG: readonly (readonly [what: string, properties: Properties])[] = [
  ["a plain object", { contentType: "text/plain" } as unknown as Properties],
  ["text", "contentType" as unknown as Properties],
  ["an empty object", {} as unknown as Properties],
];

describe.each(WRONG)("%s in the place of Properties is refused", (_what, properties) => {
  it.each([0, 1, 2] as const)("by publish, with QoS %i", (qos) => {
    const { client, broker } = connect();
    expectRefused(() => client.publish("t", "x", qos, false, properties), "ERR_ARGUMENT", "properties: expected Properties");
    broker.expectNothing();
  });

  it("by subscribe, unsubscribe and close", () => {
    const { client, broker } = connect();
    expectRefused(() => client.subscribe({ filter: "t" }, undefined, properties), "ERR_ARGUMENT", "properties: expected Properties");
    expectRefused(() => client.unsubscribe("t", undefined, properties), "ERR_ARGUMENT", "properties: expected Properties");
    expectRefused(() => client.close(0, properties), "ERR_ARGUMENT", "properties: expected Properties");
    broker.expectNothing();
    broker.expectOpen();
  });

  it("in a will", () => {
    const will: Partial<ClientOptions> = { will: { topic: "t", properties } };
    expectRefused(() => start(will), "ERR_ARGUMENT", "will.properties: expected Properties");
  });
});

describe("protocolVersion", () => {
  it("may be 5, and nothing else", () => {
    connect({ protocolVersion: 5 });
    const older = { protocolVersion: 4 } as unknown as Partial<ClientOptions>;
    expectRefused(() => start(older), "ERR_ARGUMENT", "protocolVersion: expected 5, or the Client of mqtt-xs");
  });
});
