export { Queue } from "./queue/queue.js";
export type { QueueClient, QueuedProperties, QueueOptions, WhenFull } from "./queue/options.js";
