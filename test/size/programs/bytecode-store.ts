/** The same, with a session stored in a flash partition. */
export * from "./bytecode.js";
export * from "../../../src/store.js";
export * from "../../../hosts/device/flash.js";
