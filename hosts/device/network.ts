import "system"; // makes `device`
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import MQTTClient from "embedded:network/mqtt/client";

// Preloaded by manifest_ecma419.json, for code that takes the class and its dictionaries from the device, as the SDK's
// examples do: `new device.network.mqtt.io({ ...device.network.mqtt, host })`. ECMA-419 has the same under `client`.

interface DeviceGlobal {
  device?: { readonly network?: { readonly mqtt?: object } };
}

const dictionary = {
  io: MQTTClient,
  dns: { io: Resolver, servers: ["1.1.1.1"], socket: { io: UDP } },
  socket: { io: TCP },
};
const place = globalThis as DeviceGlobal;
const network = { ...place.device?.network, mqtt: { ...dictionary, client: dictionary } };

/** XS freezes all that is in it, too. */
interface DeepFreezer {
  freeze<Type>(value: Type, deeply: boolean): Type;
}

place.device = (Object as DeepFreezer).freeze({ ...place.device, network }, true);
