import WiFi from "embedded:network/interface/wifi";
import type { Radio } from "./station.js";

/** The board's Wi-Fi, for a `Station`. */
export function openWiFi(onChanged: () => void): Radio {
  return new WiFi({ onChanged });
}
