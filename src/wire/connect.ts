import { MAXIMUM_HEADER } from "./frame.js";

// Where a CONNECT has its parts, and what its flags are: the same in 3.1.1 and 5.0 (3.1.2).

/** The level, or version, of the protocol, behind its name; before there is a fixed header. */
export const LEVEL_AT = MAXIMUM_HEADER + 6;
export const FLAGS_AT = LEVEL_AT + 1;
export const KEEP_ALIVE_AT = FLAGS_AT + 1;

/** Clean Session, in 5.0 Clean Start. */
export const CLEAN = 0x02;
export const WILL = 0x04;
export const WILL_QOS_SHIFT = 3;
export const WILL_RETAIN = 0x20;
export const PASSWORD = 0x40;
export const USERNAME = 0x80;
