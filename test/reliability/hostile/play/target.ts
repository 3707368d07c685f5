// What is bundled with the instrumented library: see `coverage/target.ts`.
export { counts, MOST_BLOCKS, work } from "../coverage/counters.js";
export { examine, WAYS, type Examination } from "./examine.js";
