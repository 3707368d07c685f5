import * as fc from "fast-check";
import type { QoS } from "../support/packets.js";

/** What may be done from inside a callback of the client. */
export type Reaction = "close" | "close and connect" | "publish" | "subscribe" | "resume";

/** What is the same in all versions of the protocol. */
export type NetworkCommand =
  // the application
  | { readonly does: "close" | "connect" | "resume" }
  | { readonly does: "react"; readonly how: Reaction }
  // the server
  | { readonly does: "server forgets" | "server refuses" }
  // the network and time; "flow" is a while in which everything goes well, "unanswered" a CONNECT whose CONNACK is lost
  | { readonly does: "accept" | "refuse" | "drop" | "flow" | "unanswered" }
  | { readonly does: "to server" | "to client"; readonly count: number }
  | { readonly does: "room"; readonly bytes: number }
  | { readonly does: "time"; readonly milliseconds: number };

/** One thing that the application, the server or the network does. */
export type Command =
  | { readonly does: "publish"; readonly qos: QoS; readonly size: number; readonly from: "bytes" | "source" }
  | { readonly does: "subscribe" | "unsubscribe"; readonly filter: string }
  | { readonly does: "server publishes"; readonly qos: QoS; readonly size: number }
  | NetworkCommand;

/** Quality of service of messages. */
export const qos = fc.constantFrom<QoS>(0, 1, 1, 2, 2);
/** Payloads that fit the client's buffer, just about, and not at all. */
export const size = fc.oneof(fc.nat(10), fc.integer({ min: 35, max: 60 }), fc.integer({ min: 100, max: 200 }));
/** Bytes that get through at a time: a few, so that a drop may come anywhere, or all. */
const count = fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }) }, { weight: 3, arbitrary: fc.constant(100_000) });
const filter = fc.constantFrom("other/1", "other/2", "+/3");

const only = <Name extends string>(does: Name): fc.Arbitrary<{ does: Name }> => fc.constant({ does });

/** What the network, time and callbacks do next, and who connects and closes. */
export const networkCommand: fc.Arbitrary<NetworkCommand> = fc.oneof(
  { weight: 1, arbitrary: only("close") },
  { weight: 2, arbitrary: only("connect") },
  { weight: 2, arbitrary: only("resume") },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("react" as const),
      how: fc.constantFrom<Reaction>("close", "close and connect", "publish", "publish", "subscribe", "resume"),
    }),
  },
  { weight: 1, arbitrary: only("server forgets") },
  { weight: 1, arbitrary: only("server refuses") },
  { weight: 6, arbitrary: only("accept") },
  { weight: 1, arbitrary: only("refuse") },
  { weight: 2, arbitrary: only("drop") },
  { weight: 6, arbitrary: only("flow") },
  { weight: 1, arbitrary: only("unanswered") },
  { weight: 12, arbitrary: fc.record({ does: fc.constantFrom("to server" as const, "to client" as const), count }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("room" as const), bytes: fc.oneof(fc.nat(80), fc.constant(100_000)) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("time" as const), milliseconds: fc.oneof(fc.nat(2_000), fc.constant(60_000)) }) },
);

/** What the application asks for next about subscriptions. */
export const subscriptionCommand = fc.record({ does: fc.constantFrom("subscribe" as const, "unsubscribe" as const), filter });

/** What happens next. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant("publish" as const), qos, size, from: fc.constantFrom("bytes", "source") }) },
  { weight: 1, arbitrary: subscriptionCommand },
  { weight: 6, arbitrary: fc.record({ does: fc.constant("server publishes" as const), qos, size }) },
  { weight: 42, arbitrary: networkCommand },
);
