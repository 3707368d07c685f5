import TCP from "embedded:io/socket/tcp";
import Sim from "sim";
import MQTTClient from "../../../hosts/device/ecma419.js";

// Tells why there is no connection, and closes in the callback, as the SDK's mqtt module does.

const client = new MQTTClient({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  socket: { io: TCP },
  onControl: () => trace("connected"),
  onError(error) {
    trace(`${String(error)} ${this === client}`);
    this.close();
  },
});
