/** Runs programs on XS, the engine of the device, with the heap of an ESP32. */
export { buildHost, tlsAvailable, type BuildOptions, type BuildProgress } from "./build.js";
export { bundle, bundleWhole, type Bundle } from "./bundle.js";
export { codeSize, type CodeSize } from "./code-size.js";
export { SimulatorError, type SimulatorErrorCode } from "./errors.js";
export { DEFAULT_HEAP, run, type ExitReason, type RunOptions, type RunReport, type StorageOptions } from "./run.js";
