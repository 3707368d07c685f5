/** The same with `mqtt-xs/request`. Only looked at, never run. */
export * from "./bytecode.js";
export * from "../../../../src/request.js";
