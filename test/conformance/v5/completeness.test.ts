import { describeCompleteness } from "../completeness.js";
import { statements } from "./statements.js";

describeCompleteness(new URL(".", import.meta.url), statements, "mqtt-5.0-normative.tsv");
