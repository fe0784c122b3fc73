/** How every node writes its events: the catalogue's layouts, with tags that follow from each event. */
import { catalogue } from "./catalogue.ts";
import type { NodeEvent } from "./event.ts";
import { createRecordCodec, type RecordCodec } from "./record.ts";
import { createTagsOf } from "./tags.ts";

/** Turns a node's events into stored records and back. */
export const nodeCodec: RecordCodec<NodeEvent> = createRecordCodec(catalogue, createTagsOf());
