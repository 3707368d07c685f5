import type { Boot } from "./device.js";
export async function prepareSimulator(_heap: number, _tell: (text: string) => void): Promise<Boot> {
  throw new Error("not there yet");
}
