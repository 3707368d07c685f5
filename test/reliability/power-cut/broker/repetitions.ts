/** QoS 2 messages sent to the device, and the PUBRECs and PUBCOMPs that have come for them, in mosquitto's log. */
const EVENT = /Sending PUBLISH to device \(d\d, q2, r0, m(\d+)|Received (PUBREC|PUBCOMP) from device \(Mid: (\d+)/g;

/**
 * How often mosquitto, by its own log, has sent the device a PUBLISH again whose PUBREC it had, which the standard forbids
 * [MQTT-4.3.3]: version 2.0.11 does so where the connection breaks while it repeats the PUBREL. A device that has had the first
 * PUBREL cannot know such a PUBLISH from a new one.
 */
export function repetitionsIn(log: string): number {
  const released = new Set<string>();
  let count = 0;
  for (const [, published, acknowledgement, identifier] of log.matchAll(EVENT)) {
    if (acknowledgement === "PUBREC") released.add(identifier);
    else if (acknowledgement === "PUBCOMP") released.delete(identifier);
    else if (released.delete(published)) count++;
  }
  return count;
}
