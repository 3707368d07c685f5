import Sim from "sim";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";
import { FlashPartition } from "../../../hosts/device/flash.js";
import { startFirmware } from "../../reliability/power-cut/broker/firmware.js";

// A device whose power the host cuts. Arguments: the port of the broker on 127.0.0.1, the version of the protocol, and the
// number of the message that is published first.

startFirmware({
  protocol: Sim.argument(1) === "5" ? 5 : 4,
  flash: new FlashPartition({ path: "mqtt" }),
  transport: new TcpTransport({ address: "127.0.0.1", port: Number(Sim.argument(0)) }),
  clock: new DeviceClock(),
  first: Number(Sim.argument(2)),
  report: (name, number) => Sim.report(name, number),
});
