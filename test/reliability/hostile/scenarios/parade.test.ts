import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { acknowledge, type Answer, CONNECT, PUBLISH } from "../../../sim/support/peer.js";
import { runSession } from "../../../sim/support/session.js";
import { concat, connack, pingresp, puback, publish, suback } from "../../../support/packets.js";

const PROGRAM = fileURLToPath(new URL("../programs/parade.ts", import.meta.url));
const ENDLESS = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74);
/** Milliseconds between the bytes of a server that takes its time. */
const DRIBBLE = 100;

const many = (count: number, one: (at: number) => Uint8Array): Uint8Array =>
  concat(...Array.from({ length: count }, (_, at) => one(at + 1)));

/** What a server does once it has got a CONNECT, and how that must end. */
interface Server {
  readonly ends: string;
  /** What it sends at once. */
  readonly bytes?: Uint8Array;
  /** What then. */
  readonly then?: "drops" | "dribbles";
}

const SERVERS: readonly Server[] = [
  { bytes: connack(), then: "drops", ends: "ERR_CONNECTION_CLOSED" },
  { then: "drops", ends: "ERR_CONNECTION_CLOSED" },
  { ends: "ERR_CONNECT_TIMEOUT" },
  { bytes: connack({ returnCode: 5 }), ends: "ERR_CONNECTION_REFUSED" },
  { bytes: connack(), ends: "ERR_KEEPALIVE_TIMEOUT" },
  {
    bytes: concat(
      connack(),
      many(3_000, (at) => concat(puback(at), pingresp(), suback(at, 0))),
    ),
    then: "drops",
    ends: "ERR_CONNECTION_CLOSED",
  },
  {
    bytes: concat(
      connack(),
      many(2_000, () => publish({ topic: "t", payload: "x".repeat(200) })),
    ),
    then: "drops",
    ends: "ERR_CONNECTION_CLOSED",
  },
  {
    bytes: concat(
      connack(),
      many(20, (at) => publish({ topic: "t", payload: "x", qos: 2, identifier: at })),
    ),
    ends: "ERR_RECEIVE_MAXIMUM",
  },
  { bytes: concat(connack(), publish({ topic: "t".repeat(1_000), payload: "x" })), ends: "ERR_RECEIVE_SIZE" },
  { bytes: concat(connack(), Uint8Array.of(0x90, 0xff, 0xff, 0x7f)), ends: "ERR_PROTOCOL" },
  { bytes: concat(connack(), ENDLESS), then: "dribbles", ends: "ERR_KEEPALIVE_TIMEOUT" },
  { bytes: Uint8Array.from({ length: 5_000 }, (_, at) => at * 7), ends: "ERR_PROTOCOL" },
  { bytes: connack(), then: "drops", ends: "ERR_CONNECTION_CLOSED" },
];

/** All of these servers, one after the other, then an honest one. */
function parade(): { readonly answer: Answer; readonly end: () => void } {
  let connections = 0;
  let dribble: NodeJS.Timeout | undefined;
  const answer: Answer = (packet, peer) => {
    if (packet[0] >> 4 !== CONNECT) return connections > SERVERS.length ? honest(packet) : undefined;
    clearInterval(dribble);
    const server = SERVERS.at(connections++);
    if (connections > SERVERS.length || server === undefined) return acknowledge(packet);
    if (server.then === "dribbles") dribble = setInterval(() => peer.send(Uint8Array.of(1)), DRIBBLE);
    if (server.bytes !== undefined) peer.send(server.bytes);
    if (server.then === "drops") setImmediate(() => peer.drop());
    return undefined;
  };
  return { answer, end: () => clearInterval(dribble) };
}

/** Takes all that waits, and then sends a message. */
function honest(packet: Buffer): Uint8Array | undefined {
  const answer = acknowledge(packet);
  if (packet[0] >> 4 !== PUBLISH || answer === undefined) return answer;
  return concat(answer, publish({ topic: "t", payload: "welcome" }));
}

it("A device on XS meets hostile servers, ends up as documented, and goes on with an honest one in the same heap", async () => {
  const { answer, end } = parade();
  const heap: number[] = [];
  const report = await runSession(PROGRAM, { answer, onReport: (_peer, _name, [bytes]) => void heap.push(bytes), heap: 24_576 });
  end();
  expect(report.trace).toEqual([...SERVERS.map(({ ends }) => ends), "in order"]);
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  expect(heap.slice(1, -1).map((bytes) => bytes - heap[1])).toEqual(Array(heap.length - 2).fill(0));
});
