// What 4.7 and 4.8.2 of the MQTT 5.0 standard ask of Topic Names and Topic Filters. Each function throws a plain `Error`.

/** A Topic Name has a character at least, and no wildcard. */
export function checkTopicName(topic: string): void {
  if (topic === "") throw new Error("an empty Topic Name [MQTT-4.7.3-1]");
  if (/[+#]/.test(topic)) throw new Error(`a wildcard in Topic Name ${JSON.stringify(topic)} [MQTT-4.7.0-1]`);
}

/** A Topic Filter has a character at least, and its wildcards where they may stand; a shared one, what 4.8.2 asks for. */
export function checkTopicFilter(filter: string): void {
  checkWildcards(isShared(filter) ? withoutShareName(filter) : filter);
}

/** Whether this is the Topic Filter of a Shared Subscription, well-formed or not. */
export function isShared(filter: string): boolean {
  return filter.startsWith("$share/");
}

function withoutShareName(filter: string): string {
  const [, shareName, ...levels] = filter.split("/");
  if (shareName === "") throw new Error(`no ShareName in ${JSON.stringify(filter)} [MQTT-4.8.2-1]`);
  if (/[+#]/.test(shareName) || levels.length === 0)
    throw new Error(`a malformed share: ${JSON.stringify(filter)} [MQTT-4.8.2-2]`);
  return levels.join("/");
}

function checkWildcards(filter: string): void {
  if (filter === "") throw new Error("an empty Topic Filter [MQTT-4.7.3-1]");
  const levels = filter.split("/");
  levels.forEach((level, index) => {
    if (level.includes("+") && level !== "+") throw new Error(`"+" beside others in ${JSON.stringify(filter)} [MQTT-4.7.1-2]`);
    if (level.includes("#") && (level !== "#" || index < levels.length - 1))
      throw new Error(`"#" misplaced in ${JSON.stringify(filter)} [MQTT-4.7.1-1]`);
  });
}
