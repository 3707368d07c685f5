import { V3 } from "./both/versions.js";
import { describeCompleteness } from "./completeness.js";
import { statements } from "./statements.js";

describeCompleteness(new URL(".", import.meta.url), V3, statements, "mqtt-3.1.1-normative.tsv");
