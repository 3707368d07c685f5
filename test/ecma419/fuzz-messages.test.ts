import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuts, cutsOf } from "../fuzz/generators.js";
import { FUZZ_TIMEOUT, runs } from "../fuzz/runs.js";
import { concat, puback, pubcomp, publish, pubrec, pubrel, toHex, type QoS } from "../support/packets.js";
import { connected } from "./support.js";
import { type Manner, TCP, TLS } from "./support/fake-socket.js";
import { PortionReader, type Whole } from "./support/portions.js";

/** What a server does: it publishes, sends one of its unreleased messages of QoS 2 again, or releases one. */
type Step =
  | { readonly kind: "publish"; readonly topic: string; readonly payload: Uint8Array; readonly qos: QoS; readonly retain: boolean }
  | { readonly kind: "repeat" | "release"; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      topic: fc.constantFrom("t", "a/b", "é/温度", "greenhouse/1"),
      payload: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 40, maxLength: 300, size: "max" })),
      qos: fc.constantFrom<QoS>(0, 1, 2),
      retain: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), which: fc.nat(20) }) },
);

/** What goes over the wire, and what must come of it. */
interface Script {
  readonly packets: Uint8Array[];
  readonly messages: Whole[];
  /** The client's acknowledgements, in order. */
  readonly answers: Uint8Array[];
}

function scriptOf(steps: readonly Step[]): Script {
  const script: Script = { packets: [], messages: [], answers: [] };
  const unreleased: { readonly identifier: number; readonly packet: Uint8Array }[] = [];
  let identifier = 0;
  for (const each of steps) {
    if (each.kind === "publish") {
      const { topic, payload, qos, retain } = each;
      const packet = publish({ ...each, identifier: ++identifier });
      script.packets.push(packet);
      script.messages.push({ topic, QoS: qos, retain, payload });
      if (qos === 1) script.answers.push(puback(identifier));
      if (qos === 2) script.answers.push(pubrec(identifier));
      if (qos === 2) unreleased.push({ identifier, packet });
    } else if (unreleased.length > 0) {
      const [chosen] = each.kind === "repeat" ? unreleased.slice(each.which % unreleased.length) : unreleased.splice(each.which % unreleased.length, 1);
      script.packets.push(each.kind === "repeat" ? chosen.packet.with(0, chosen.packet[0] | 8) : pubrel(chosen.identifier));
      script.answers.push(each.kind === "repeat" ? pubrec(chosen.identifier) : pubcomp(chosen.identifier));
    }
  }
  return script;
}

/** What an application that reads in these portions gets of it. */
function receive(script: Script, shares: readonly number[], portions: readonly number[], packetSize: number, manner: Manner): void {
  const reader = new PortionReader(portions);
  const { client, server, events } = connected(
    {
      packetSize,
      onControl: undefined as never,
      onReadable(count, options) {
        reader.told(this, count, options);
      },
    },
    manner,
  );
  const stream = concat(...script.packets);
  let from = 0;
  for (const to of [...cutsOf(stream.length, shares), stream.length]) {
    server.send(stream.subarray(from, to));
    reader.read(client);
    from = to;
  }
  for (let round = 0; round < 500; round++) {
    reader.read(client, false);
    server.settle();
  }
  expect(reader.messages).toEqual(script.messages);
  expect(server.takeHex()).toBe(toHex(concat(...script.answers)));
  expect(events).toEqual([]);
}

describe("Messages from a server", { timeout: FUZZ_TIMEOUT }, () => {
  const portion = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: 90 }) });
  const portions = fc.array(portion, { minLength: 1, maxLength: 8 }).filter((all) => all.some((each) => each > 0));

  it("arrive complete, in order, once, and acknowledged, in whatever pieces they come and portions they are read", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 15 }),
        cuts,
        portions,
        fc.integer({ min: 32, max: 200 }),
        fc.constantFrom(TCP, TLS),
        (steps, shares, all, packetSize, manner) => {
          receive(scriptOf(steps), shares, all, packetSize, manner);
        },
      ),
      runs(600),
    );
  });
});
