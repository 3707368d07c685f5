import * as fc from "fast-check";
import type { QoS } from "../../support/packets.js";
import { networkCommand, qos, size, subscriptionCommand, type NetworkCommand } from "../commands.js";
import { announcement, type Announcement } from "./announcement.js";
import { REFUSALS } from "./recording.js";

/** One thing that the application, the server or the network does. */
export type Command =
  | NetworkCommand
  // the application
  | {
      readonly does: "publish";
      readonly qos: QoS;
      readonly size: number;
      readonly from: "bytes" | "source";
      /** Which of the topics and properties of `world.ts`. */
      readonly topic: number;
      readonly properties: number;
      readonly retain: boolean;
    }
  /** Messages of QoS 0 to these topics, of which some must wait for room. */
  | { readonly does: "publish many"; readonly topics: readonly number[]; readonly room: number }
  | { readonly does: "subscribe" | "unsubscribe"; readonly filter: string }
  | { readonly does: "close for"; readonly reasonCode: number; readonly seconds: number }
  | { readonly does: "application refuses"; readonly reasonCode: number }
  // the server
  | { readonly does: "server publishes"; readonly qos: QoS; readonly size: number; readonly topic: number; readonly alias: number }
  | { readonly does: "server announces"; readonly announcement: Announcement }
  | { readonly does: "server refuses message"; readonly reasonCode: number }
  | { readonly does: "server disconnects"; readonly reasonCode: number };

/** Most often those that share an alias. */
const topic = fc.oneof(fc.constantFrom(0, 3, 4), fc.nat(6));
const refusal = fc.constantFrom(...REFUSALS);

/** What happens next. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      does: fc.constant("publish" as const),
      qos,
      size,
      from: fc.constantFrom("bytes", "source"),
      topic,
      properties: fc.nat(2),
      retain: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("publish many" as const),
      topics: fc.array(topic, { minLength: 2, maxLength: 5 }),
      room: fc.nat(40),
    }),
  },
  { weight: 1, arbitrary: subscriptionCommand },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("close for" as const), reasonCode: fc.constantFrom(0, 4), seconds: fc.constantFrom(0, 2, 1_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("application refuses" as const), reasonCode: refusal }) },
  {
    weight: 7,
    arbitrary: fc.record({ does: fc.constant("server publishes" as const), qos, size, topic: fc.nat(2), alias: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("server announces" as const), announcement }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("server refuses message" as const), reasonCode: refusal }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("server disconnects" as const), reasonCode: fc.constantFrom(0x00, 0x89, 0x8b, 0x8e, 0x9d) }),
  },
  { weight: 45, arbitrary: networkCommand },
);
