import { utf8 } from "mqtt-xs";
import Sim from "sim";
import { derivedKey, iterate, plainDerivation } from "../../../src/scram/derivation.js";

// Derives a key by 4,096 iterations, and tells what those beyond the first take and allocate, and the key.

Sim.collect();
const before = Sim.slotsInUse();
const bytesBefore = Sim.chunkBytesInUse();
const derivation = plainDerivation(utf8("pencil"), utf8("salt"));
Sim.collect();
Sim.report("memory", Sim.slotsInUse() - before, Sim.chunkBytesInUse() - bytesBefore);

iterate(derivation, 1);
const slots = Sim.slots();
const chunkBytes = Sim.chunkBytes();
const collections = Sim.collections();
const start = Sim.meter();
iterate(derivation, 4_094);
const units = Sim.meter() - start;
Sim.report("iterations", Sim.slots() - slots, Sim.chunkBytes() - chunkBytes, Sim.collections() - collections, units);
Sim.report("key", ...derivedKey(derivation));
