import { V5 } from "../both/versions.js";
import { describeCompleteness } from "../completeness.js";
import { statements } from "./statements.js";

describeCompleteness(new URL(".", import.meta.url), V5, statements, "mqtt-5.0-normative.tsv");
