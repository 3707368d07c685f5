import { Client, type ClientOptions, Topic } from "mqtt-xs/v5";
import Sim from "sim";
import { DeviceClock, TcpTransport } from "../../../../hosts/device/index.js";
import { makeProperties, TOPIC } from "../../../sim/programs/v5/support/client.js";
import { cost } from "../cost.js";

// Slots and bytes of chunks that what 5.0 has besides takes for as long as it is there.

const transport = new TcpTransport({ address: "127.0.0.1" });
const clock = new DeviceClock();

const makeTopic = (): unknown => new Topic(TOPIC);
const makeOffline = (limits: Partial<ClientOptions>) => (): unknown => new Client({ transport, clock, ...limits });

cost("topic", makeTopic);
cost("properties", makeProperties);
cost("topicAliases.8", makeOffline({ topicAliases: 8 }));
cost("topicAliases.1008", makeOffline({ topicAliases: 1_008 }));
cost("topicAliasMaximum.0", makeOffline({ topicAliasMaximum: 0, topicAliasSize: 64 }));
cost("topicAliasMaximum.100", makeOffline({ topicAliasMaximum: 100, topicAliasSize: 64 }));
Sim.exit();
