import { describe, expect, it, vi } from "vitest";
import { acknowledge, type Answer, CONNECT, PUBLISH } from "./support/peer.js";
import { program } from "./support/program.js";
import { expectNoGrowth } from "./support/reconnects.js";
import { runSession } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

const ACCEPTED = Uint8Array.of(0x20, 2, 0, 0);
const RESUMED = Uint8Array.of(0x20, 2, 1, 0);
const DUP = 8;

/** A server that keeps the session, but drops the first connection when two messages have been published. */
function forgetful(): { readonly answer: Answer; readonly published: readonly Buffer[] } {
  const published: Buffer[] = [];
  let connections = 0;
  const answer: Answer = (packet, peer) => {
    if (packet[0] >> 4 === CONNECT) return ++connections === 1 ? ACCEPTED : RESUMED;
    if (packet[0] >> 4 === PUBLISH) published.push(Buffer.from(packet));
    if (connections > 1) return acknowledge(packet);
    if (published.length === 2) peer.drop();
    return undefined;
  };
  return { answer, published };
}

describe("when the connection is lost", () => {
  it("reconnects, and sends again what was not acknowledged, in order, with DUP", async () => {
    const { answer, published } = forgetful();
    const report = await runSession(program("reconnect"), { answer });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    expect(report.trace).toEqual(["disconnected ERR_CONNECTION_CLOSED", "disconnected in order"]);
    expect(report.reports.get("connected")).toEqual([2, 1]);
    const repeated = published.slice(0, 2).map(([first, ...rest]) => Buffer.from([first | DUP, ...rest]));
    expect(published.slice(2)).toEqual(repeated);
  });

  it("uses no more memory after fifty reconnects than after ten", () => expectNoGrowth());
});
