import { grouped } from "../../../../hosts/start/format.js";
import type { Rows } from "../../../size/table.js";
import { measureWear, PACKET_SIZE, SECTOR_SIZE, type WearOptions } from "./measure.js";

/** Times that a sector of NOR flash can be erased, as its makers say. */
const CYCLES = 100_000;
/** Seconds between readings. */
const PERIOD = 10;
const SECONDS_PER_YEAR = 365.25 * 24 * 3_600;

const MESSAGES = 20_000;
const SIZES = [16, 64] as const;
const KINDS: readonly (Pick<WearOptions, "qos" | "queued"> & { readonly name: string })[] = [
  { name: "QoS 1", qos: 1, queued: 0 },
  { name: "QoS 2", qos: 2, queued: 0 },
  { name: "QoS 1, 30 queued at a time", qos: 1, queued: 30 },
];

/** What the rows are about. */
export const WEAR_HEADING =
  `${grouped(MESSAGES)} readings with a PUBLISH of ${PACKET_SIZE} bytes each, all acknowledged; flash that can be erased ` +
  `${grouped(CYCLES)} times, a reading each ${PERIOD} s:`;

/** How much of flash a reading takes, and for how long it lasts. */
export function wearRows(): Rows {
  return [
    ["", "bytes written", "per byte of PUBLISH", "erasures per 1,000", "most worn sector", "years"],
    ...SIZES.flatMap((kilobytes) => KINDS.map((kind) => wearRow(kilobytes, kind))),
  ];
}

function wearRow(kilobytes: number, { name, qos, queued }: (typeof KINDS)[number]): (string | number)[] {
  const sectors = (kilobytes * 1_024) / SECTOR_SIZE;
  const { bytesPerMessage, amplification, erasuresPerThousand, unevenness } = measureWear({ qos, queued, sectors, messages: MESSAGES });
  const messages = (CYCLES * sectors * 1_000) / (erasuresPerThousand * unevenness);
  return [
    `${kilobytes} kB, ${name}`,
    bytesPerMessage.toFixed(1),
    amplification.toFixed(2),
    erasuresPerThousand.toFixed(1),
    `×${unevenness.toFixed(2)}`,
    ((messages * PERIOD) / SECONDS_PER_YEAR).toFixed(1),
  ];
}
