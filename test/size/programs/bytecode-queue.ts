/** The same, with a queue. */
export * from "./bytecode-store.js";
export * from "../../../src/queue.js";
