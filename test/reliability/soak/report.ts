import { counted, grouped, memorySize } from "../../../hosts/start/format.js";
import { plainTable, type Rows } from "../../size/table.js";
import { linePlot } from "../plot/line-plot.js";
import type { Outcome } from "./arrivals.js";
import type { HeapSample } from "./device-log.js";
import { Plan } from "./plan.js";
import type { SoakResult, SoakSettings } from "./soak.js";
import { firstAndLast } from "./verdict.js";

/** Bytes of a slot on ESP32. */
const SLOT = 16;

/** What came of a soak, as tables and sentences. */
export function describeResult(result: SoakResult): string {
  return [plainTable(messageRows(result)), plainTable(heapRows(result)), sentences(result)].join("\n\n");
}

/** The heap over the messages, as SVG. */
export function plotHeap(result: SoakResult): string {
  const { device, settings, restartsAt } = result;
  const series = (label: string, bytes: (sample: HeapSample) => number) => ({
    label,
    points: device.samples.map((sample): [number, number] => [sample.messages, bytes(sample) / 1024]),
  });
  return linePlot({
    title: `The device's heap over ${grouped(settings.messages)} messages`,
    subtitle: `${describeSettings(settings)}: in use, garbage included; slots of ${SLOT} bytes, as on ESP32`,
    xLabel: "messages published",
    yLabel: "kB",
    series: [series("slots", ({ slots }) => slots * SLOT), series("chunks", ({ chunkBytes }) => chunkBytes)],
    marks: { label: "restart of the broker", at: restartsAt },
  });
}

function describeSettings({ broker, protocolVersion, heap }: SoakSettings): string {
  return `MQTT ${protocolVersion === 5 ? "5.0" : "3.1.1"}, ${broker}, a heap of ${memorySize(heap)}`;
}

function messageRows({ settings, witness, echo }: SoakResult): Rows {
  const published = publishedOf(settings);
  const row = (name: string, { arrived, lost, duplicated, repetitions }: Outcome): (string | number)[] => {
    return [name, ...arrived, lost.count, duplicated.count, repetitions];
  };
  return [
    ["messages", "QoS 0", "QoS 1", "QoS 2", "lost", "duplicated", "QoS 1 again"],
    ["published by the device", ...published, "", "", ""],
    row("arrived at the witness", witness),
    row("back at the device", echo),
  ];
}

/** With QoS 0 accepted by `publish`, with QoS 1 and 2 delivered, once the device is done. */
function publishedOf({ messages, seed }: SoakSettings): number[] {
  const plan = new Plan(seed);
  const counts = [0, 0, 0];
  for (let number = 1; number <= messages; number++) counts[plan.qos(number)]++;
  return counts;
}

function heapRows(result: SoakResult): Rows {
  const { samples } = result.device;
  const [first, last] = firstAndLast(result) ?? [undefined, undefined];
  const row = (name: string, value: (sample: HeapSample) => number): (string | number)[] => {
    const most = samples.reduce((peak, sample) => Math.max(peak, value(sample)), 0);
    return [name, first ? value(first) : "", last ? value(last) : "", most];
  };
  return [
    ["heap in use", "at the start", "at the end", "at most"],
    row("slots", ({ slots }) => slots),
    row("bytes of chunks", ({ chunkBytes }) => chunkBytes),
  ];
}

function sentences({ settings, device, restartsAt, report, milliseconds }: SoakResult): string {
  const { collections, slots, chunkBytes } = device.used;
  const allocated = `${counted(slots, "slot")} and ${counted(chunkBytes, "byte")} allocated`;
  const rate = Math.round((settings.messages * 1_000) / milliseconds);
  return [
    `${describeSettings(settings)}; its peak while connecting: ${grouped(report.peakBytes)} bytes`,
    `${counted(restartsAt.length, "restart")} of the broker, ${counted(Math.max(0, device.connections - 1), "reconnect")}`,
    `between reconnects ${counted(collections, "collection")}, ${allocated}`,
    `${(milliseconds / 60_000).toFixed(1)} minutes, ${grouped(rate)} messages per second`,
  ].join("\n");
}
