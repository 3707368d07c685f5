import Sim from "sim";
import { makeClient } from "./support/client.js";
import { receiveOneByOne } from "./support/one-by-one.js";
import { stored } from "./support/stored.js";

// Takes messages of QoS 2, whose identifiers are stored until their PUBREL.

receiveOneByOne((events) => {
  const client = makeClient({ ...stored(), ...events });
  client.subscribe({ filter: "#", qos: 2 }, () => Sim.report("ready"));
  return client;
});
