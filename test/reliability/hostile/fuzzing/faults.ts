import type { Fault } from "../coverage/target.js";
import type { VersionName } from "../play/version-name.js";

/** A fault, and to whom it is to be found. */
export interface PlantedFault extends Fault {
  readonly version: VersionName;
  /** Whether some hundred scripts are enough to find it. */
  readonly isQuick?: boolean;
}

/** Faults of the kinds that a decoder and a session might have, each put into a copy of the library to see it found. */
export const FAULTS: readonly PlantedFault[] = [
  {
    what: "a remaining length that is one short when it has two bytes",
    version: "3",
    file: "src/session/receiver.ts",
    text: "length = header > 0 ? header >>> 3 : -1;",
    instead: "length = header > 0 ? (header >>> 3) - 1 : -1;",
  },
  {
    what: "identifier 0 is not looked for",
    version: "3",
    file: "src/session/session.ts",
    text: 'else if (identifier === 0) this.fail(violation("identifier 0"));',
    instead: "",
  },
  {
    what: "a packet cut in two is parsed from where it was, not from the front",
    isQuick: true,
    version: "3",
    file: "src/session/receiver.ts",
    text: "    this.inputStart = 0;\n    return false;",
    instead: "    return false;",
  },
  {
    what: "the received identifiers are one more than there is room for",
    version: "3",
    file: "src/session/inbox.ts",
    text: "return this.count === this.identifiers.length;",
    instead: "return this.count > this.identifiers.length;",
  },
  {
    what: "a second PINGRESP throws",
    version: "3",
    file: "src/session/session.ts",
    text: "if (type === PINGRESP) this.pinging = 0;",
    instead: 'if (type === PINGRESP) { if (this.pinging === 0) throw new Error("not asked for"); this.pinging = 0; }',
  },
  {
    what: "an answered request is kept",
    version: "3",
    file: "src/session/subscriptions.ts",
    text: "this.requests = this.requests.filter((it) => it !== request);",
    instead: "",
  },
  {
    what: "Content Type in a PUBLISH throws",
    isQuick: true,
    version: "5",
    file: "src/v5/received-properties.ts",
    text: "  next(): boolean {\n",
    instead: '  next(): boolean {\n    if (this.bytes[this.at] === 3) throw new Error("content type");\n',
  },
  {
    what: "a server's Maximum Packet Size is not kept to",
    version: "5",
    file: "src/v5/connection.ts",
    text: "    if (requestSize(entries) > server.maximumPacketSize) return PACKET_TOO_LARGE;\n",
    instead: "",
  },
  {
    what: "the properties are read in circles at the end of the packet",
    version: "5",
    file: "src/v5/received-properties.ts",
    text: "return this.at < this.limit && this.read() > 0;",
    instead: "return this.read() > 0 || this.limit > 20;",
  },
  {
    what: "a ping's answer is one byte too long",
    isQuick: true,
    version: "websocket",
    file: "src/websocket/transport.ts",
    text: "this.controlLength = SHORT + size;",
    instead: "this.controlLength = SHORT + size + 1;",
  },
];
