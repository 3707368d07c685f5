import { expect } from "vitest";
import { program } from "./program.js";
import { runSession, type SessionOptions } from "./session.js";

/** Has a client reconnect fifty times, and expects no more memory in use after the last time than after the tenth. */
export async function expectNoGrowth(options: Pick<SessionOptions, "webSocket"> = {}): Promise<void> {
  const inUse: (readonly number[])[] = [];
  const report = await runSession(program("reconnect-often"), {
    ...options,
    onReport: (peer, _name, numbers) => {
      inUse.push(numbers);
      peer.drop();
    },
  });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  const [[slotsBefore, chunkBytesBefore], [slots, chunkBytes]] = [inUse[9], inUse[49]];
  expect(slots).toBeLessThanOrEqual(slotsBefore);
  expect(chunkBytes).toBeLessThanOrEqual(chunkBytesBefore);
}
