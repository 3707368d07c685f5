import { expect } from "vitest";
import { program } from "./program.js";
import { runSession, type SessionOptions, type SessionReport } from "./session.js";

/** What a program does that watches itself with `Steady`; a hundred of them to warm up. */
export const OPERATIONS = 1_100;

/** What is to be allocated in a thousand operations. */
export const NOTHING = { slots: 0, chunkBytes: 0, collections: 0 };

/** Runs a program, and tells what it allocated in a thousand operations. */
export async function allocations(name: string, options?: SessionOptions): Promise<SessionReport & { steady: unknown }> {
  const report = await runSession(program(name), options);
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  const [slots, chunkBytes, collections] = report.reports.get("steady") ?? [];
  return { ...report, steady: { slots, chunkBytes, collections } };
}
