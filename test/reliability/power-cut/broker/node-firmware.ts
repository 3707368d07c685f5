import { writeSync } from "node:fs";
import { FileFlash, NodeClock, TcpTransport } from "../../../../hosts/node/index.js";
import { PLANTED_FAULTS } from "../simulation/planted-faults.js";
import { startFirmware } from "./firmware.js";
import { Life, MortalFlash, MortalTransport } from "./mortal.js";

// A device on Node, which ends at a step. Arguments: the port of the broker on 127.0.0.1, the version of the protocol, the
// number of the message that is published first, the file of the store, after how many steps it ends, and the name of a fault
// that is planted, if any.

const [port, protocol, first, path, steps, planted = ""] = process.argv.slice(2);
const life = new Life(Number(steps));
startFirmware({
  protocol: protocol === "5" ? 5 : 4,
  flash: new MortalFlash(new FileFlash({ path, sectors: 3 }), life),
  transport: new MortalTransport(new TcpTransport({ host: "127.0.0.1", port: Number(port) }), life),
  clock: new NodeClock(),
  first: Number(first),
  disturb: Object.hasOwn(PLANTED_FAULTS, planted) ? PLANTED_FAULTS[planted] : undefined,
  report: (name, number) => void writeSync(process.stdout.fd, `${name} ${number}\n`),
});
