/** A name is found by its beginning, and in a long log without reading it. */
import { describe, expect } from "bun:test";
import { adversarial, invariant, unit } from "../../test/kind.ts";
import { toldEvents } from "../../test/told-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { rebuildSnapshots } from "../engine/rebuild-snapshots.ts";
import { openNodeSnapshots } from "../engine/start-state.ts";
import { nodeCodec } from "../events/node-codec.ts";
import { EventStore } from "../store/event-store.ts";
import { findTag, type SubjectLog } from "./log-subject.ts";

const LENGTH = 1_500;
const SNAPSHOT_AT = 1_400;

const events = toldEvents(LENGTH);

const channels: readonly ChannelId[] = events.flatMap((event) =>
  event.type === "ChannelCreated" ? [event.channelId] : [],
);

/** A log that tells from where on it was read. */
async function logWith(
  snapshots: boolean,
): Promise<{ readonly log: SubjectLog; readonly readFrom: readonly number[] }> {
  const disk = createMemoryDisk();
  const store = await EventStore.open({ disk, codec: nodeCodec, logId: new Uint8Array(16) });
  await store.append(events, 0, 1);
  const { keyValue } = disk;
  if (snapshots) {
    await rebuildSnapshots(store, await openNodeSnapshots(keyValue, store), SNAPSHOT_AT);
  }
  const readFrom: number[] = [];
  const watched: SubjectLog["store"] = {
    length: store.length,
    tagsOf: (event) => store.tagsOf(event),
    readBatches: (...args) => store.readBatches(...args),
    readTagged: (...args) => store.readTagged(...args),
    readFrom: (from, options) => {
      readFrom.push(from);
      return store.readFrom(from, options);
    },
  };
  return { log: { store: watched, keyValue }, readFrom };
}

describe("findTag", () => {
  unit("finds an entity by its whole id without reading the log", async () => {
    const { log, readFrom } = await logWith(true);
    const [id = ""] = channels;
    for (const text of [id, id.slice(2), id.toUpperCase().replace("0X", "0x")]) {
      expect(await findTag(log, "channel", text)).toEqual({ type: "Found", tag: `channel:${id}` });
    }
    const update = `Update-${id}-0-0` as const;
    const tag = `objective:${update}` as const;
    expect(await findTag(log, "objective", update)).toEqual({ type: "Found", tag });
    expect(readFrom).toEqual([]);
  });

  invariant("finds the same by a beginning with snapshots, and reads what is behind", async () => {
    const [fast, slow] = [await logWith(true), await logWith(false)];
    const asked = [
      ...channels.map((id) => ["channel", id.slice(0, 12)] as const),
      ["channel", "0x"] as const,
      ["objective", `Update-${channels[0]?.slice(0, 12)}-0-1`] as const,
      ["peer", "0x"] as const,
    ];
    for (const [kind, text] of asked) {
      const found = await findTag(fast.log, kind, text);
      const other = await findTag(slow.log, kind, text);

      // Which five of many are named is a matter of the order in which they were read.
      const sorted = found.type === "Several" ? { ...found, ids: [] } : found;
      expect(sorted).toEqual(other.type === "Several" ? { ...other, ids: [] } : other);
      expect(found.type).not.toBe("None");
    }
    expect(new Set(fast.readFrom)).toEqual(new Set([SNAPSHOT_AT]));
    expect(new Set(slow.readFrom)).toEqual(new Set([0]));
  });

  unit("prefers a name that is written out to those that begin with it", async () => {
    const { log } = await logWith(true);
    const short = channels[0]?.slice(0, 12);

    const found = await findTag(log, "objective", `Update-${short}-0-1`);

    expect(found).toEqual({ type: "Found", tag: `objective:Update-${channels[0]}-0-1` });
    const begun = await findTag(log, "objective", `Update-${short}-0`);
    expect(begun).toMatchObject({ type: "Several" });
    const funding = await findTag(log, "objective", `DirectFunding-${short}`);
    expect(funding).toMatchObject({ type: "Found" });
  });

  adversarial("names a few of what there is to somebody who asks for nothing that is", async () => {
    const { log } = await logWith(true);

    const none = await findTag(log, "channel", "0xnone.*");
    expect(none).toEqual({ type: "None", known: expect.anything() as never });
    const several = await findTag(log, "objective", "Update");
    if (several.type !== "Several") throw new Error("there are many");
    expect(several.ids).toHaveLength(5);
    expect(several.count).toBeGreaterThan(50);
  });
});
