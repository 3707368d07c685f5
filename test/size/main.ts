import { codeSize } from "../../hosts/sim/runner.js";
import { pathOf, runSession } from "./session.js";
import { unitsToAcknowledge, unitsToPublish, unitsToReceive } from "./units.js";

const write = (line: string): boolean => process.stdout.write(`${line}\n`);
const { total, code, symbols } = await codeSize(pathOf("bytecode"));
write(`bytecode ${total} = code ${code} + symbols ${symbols} (16384)`);
const [slots, chunkBytes] = (await runSession("connection")).get("connection") ?? [];
write(`connected: slots ${slots} (300), chunk bytes ${chunkBytes}`);
write(`publish QoS 0: ${(await unitsToPublish()).most} units (450)`);
write(`receive QoS 0: ${(await unitsToReceive()).most} units (1600)`);
write(`take PUBACK: ${(await unitsToAcknowledge()).most} units (400)`);
