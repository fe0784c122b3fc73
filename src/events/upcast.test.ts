/** Records that an older version of this program wrote are read as the events of today. */
import { describe, expect } from "bun:test";
import { golden } from "../../test/kind.ts";
import { SAMPLE_ADDRESS } from "../../test/sample-messages.ts";
import * as channel from "../channel/schema.ts";
import type { Address } from "../crypto/address.ts";
import { uint } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { type Catalogue, eventEntry } from "./catalogue-entry.ts";
import { nodeCodec } from "./node-codec.ts";
import { createRecordCodec, firstHash, storedHash } from "./record.ts";
import { packRun } from "./record-run.ts";

/** An acknowledgement before it carried a head. */
type Acked = { readonly type: "MessageAcked"; readonly peer: Address; readonly upTo: number };

const catalogue: Catalogue<Acked> = {
  MessageAcked: eventEntry(
    62,
    1,
    record({ peer: channel.address, upTo: uint(Number.MAX_SAFE_INTEGER) }),
  ),
};
const place = { previousHash: firstHash(new Uint8Array(16)), offset: 0, timeMs: 5 };
const acked: Acked = { type: "MessageAcked", peer: SAMPLE_ADDRESS, upTo: 7 };

describe("an acknowledgement of version 1", () => {
  const { stored } = createRecordCodec(catalogue, () => []).encode(place, acked);
  const today = { offset: 0, timeMs: 5, event: { ...acked, head: undefined } };

  golden("is read without a head, from a record and from a run, under its own hash", () => {
    const hash = storedHash(stored);
    const run = packRun(Uint8Array.fromHex(place.previousHash.slice(2)), [stored]);

    expect(nodeCodec.decode(place.previousHash, 0, stored)).toEqual({
      ok: true,
      value: { ...today, hash },
    });
    expect(nodeCodec.decodeRun(run, { offset: 0, check: "Chain" })).toEqual({
      records: [{ ...today, hash }],
      damage: undefined,
    });
  });

  golden("is another record than the same event written today", () => {
    const { record: written } = nodeCodec.encode(place, today.event);

    expect(written.event).toEqual(today.event);
    expect(written.hash).not.toBe(storedHash(stored));
  });
});
