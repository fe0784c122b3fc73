/** What every log that is measured has in common: its id, and how its records are written. */
import { catalogue } from "../src/events/catalogue.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { createRecordCodec, type RecordCodec } from "../src/events/record.ts";
import { tagsOf } from "../src/events/tags.ts";

/** The id of every log that is measured. */
export const BENCH_LOG_ID: Uint8Array = new Uint8Array(16);

/** The codec of a node's log. */
export const nodeCodec: RecordCodec<NodeEvent> = createRecordCodec(catalogue, tagsOf);
