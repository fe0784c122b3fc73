/** Starting from snapshots: whatever is left of them, the state is what the whole log folds to. */
import { describe, expect } from "bun:test";
import { crash, invariant, unit } from "../../test/kind.ts";
import {
  cutLog,
  foldedState,
  logOf,
  snapshotsOf,
  stateText,
  type ToldLog,
  toldEvents,
} from "../../test/told-log.ts";
import { updateId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { encodeMessage } from "../messages/codec.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Objective } from "../protocols/objective.ts";
import { headerDigest } from "../store/snapshot-codec.ts";
import { loadNodeState, openNodeSnapshots, type StartLog } from "./start-state.ts";

const EVENTS = 2_500;
const told = logOf(toldEvents(EVENTS));

/** Notes which records are read. */
function watched(log: ToldLog): StartLog & { readonly read: number[] } {
  const read: number[] = [];
  return {
    read,
    length: log.length,
    readBatches: (from, to) => {
      read.push(from);
      return log.readBatches(from, to);
    },
  };
}

async function started(log: ToldLog, keyValue: Parameters<typeof openNodeSnapshots>[0]) {
  const snapshots = await openNodeSnapshots(keyValue, log);
  const { settled, state } = await loadNodeState(log, snapshots);
  await settled.bringAll();
  return { snapshots, text: stateText(state) };
}

describe("loadNodeState", () => {
  invariant("gives the same with all snapshots, with half of them, and with none", async () => {
    const expected = stateText(foldedState(told, EVENTS));
    const { keyValue, snapshots } = await snapshotsOf(told, 400);
    expect((await started(told, keyValue)).text).toBe(expected);

    await snapshots.forgetBefore(1_200);
    expect((await started(told, keyValue)).text).toBe(expected);

    await snapshots.deleteAll();
    expect((await started(told, keyValue)).text).toBe(expected);
    expect(stateText((await loadNodeState(told, undefined)).state)).toBe(expected);
  });

  unit("reads only what came after the newest snapshot", async () => {
    const { snapshots } = await snapshotsOf(told, 400);
    const log = watched(told);
    await loadNodeState(log, snapshots);

    expect(log.read).toEqual([2_400]);
  });

  unit(
    "starts without the updates that are over, and brings those that it is asked for",
    async () => {
      const { snapshots } = await snapshotsOf(told, 400);
      const { settled, state } = await loadNodeState(told, snapshots);
      const all = foldedState(told, EVENTS).objectives;
      expect(settled.isComplete).toBe(false);
      expect(state.objectives.size).toBeLessThan(all.size / 2);

      const absent = [...all.values()].find(({ id }) => !state.objectives.has(id));
      const { channelId, id: objectiveId } = assertDefined(absent, "an update that is over");
      const payload = encodeMessage({
        type: "ObjectiveRejection",
        objectiveId,
        channelId,
        code: "Late",
      });
      await settled.bringFor({ type: "Message", from: ZERO_ADDRESS, sequence: 1, payload });
      expect(state.objectives.get(objectiveId)).toEqual(absent as Objective);

      await settled.bringAll();
      expect(settled.isComplete).toBe(true);
      expect(state.objectives.size).toBe(all.size);
      expect(state.objectives.takeTouched().length).toBeLessThan(all.size / 2);
    },
  );

  unit("looks on the disk for known updates only", async () => {
    const { snapshots } = await snapshotsOf(told, 400);
    const { settled, state } = await loadNodeState(told, snapshots);
    const looked: string[] = [];
    const find = snapshots.find.bind(snapshots);
    snapshots.find = (entity) => {
      looked.push(entity.key);
      return find(entity);
    };
    const asked = [...state.desks].find(([, desk]) => (desk.updatesAsked[1] ?? 0) > 0);
    const [id, { updatesAsked }] = assertDefined(asked, "a channel with updates");
    const count = updatesAsked[1] ?? 0;
    for (const objectiveId of [updateId(id, 1, count - 1), updateId(id, 1, count)]) {
      state.objectives.delete(objectiveId);
      const payload = encodeMessage({
        type: "ObjectiveRejection",
        objectiveId,
        channelId: id,
        code: "Late",
      });
      await settled.bringFor({ type: "Message", from: ZERO_ADDRESS, sequence: 1, payload });
    }

    expect(looked).toEqual([updateId(id, 1, count - 1)]);
  });

  invariant("folds what happens to an update that was over before the snapshot", async () => {
    const events = told.records.slice(0, 2_100).map(({ event }) => event);
    const before = [...foldedState(told, 2_000).objectives.values()];
    const over = before.find(
      ({ goal, status }) => goal.type === "Update" && status === "Completed",
    );
    const { channelId, id: objectiveId } = assertDefined(over, "an update that is over");
    const log = logOf([
      ...events,
      { type: "ObjectiveRejected", objectiveId, channelId, by: 0, code: "Late" },
    ]);
    const { snapshots } = await snapshotsOf(log, 2_000);
    const { settled, state } = await loadNodeState(log, snapshots);
    await settled.bringAll();

    expect(state.objectives.get(objectiveId)?.rejectionCode).toBe("Late");
    expect(stateText(state)).toBe(stateText(foldedState(log, log.length)));
  });

  crash(
    "goes back to the snapshot that the log still reaches after it was rolled back",
    async () => {
      const { keyValue } = await snapshotsOf(told, 400);
      const shorter = cutLog(told, 1_777);
      const { snapshots, text } = await started(shorter, keyValue);

      expect(snapshots.newest?.length).toBe(1_600);
      expect(text).toBe(stateText(foldedState(told, 1_777)));
    },
  );

  unit("puts a snapshot aside whose digest the log recorded otherwise", async () => {
    const { ignored, snapshots } = await snapshotsOf(told, 2_000);
    const digest = headerDigest(assertDefined(snapshots.newest, "a snapshot")) as Hash;
    const recorded = (said: Hash) => {
      const created = { type: "SnapshotCreated", length: 2_000, digest: said } as const;
      return logOf([...told.records.slice(0, 2_100).map(({ event }) => event), created]);
    };
    const expected = stateText(foldedState(told, 2_100));
    const same = await loadNodeState(recorded(digest), snapshots);
    await same.settled.bringAll();
    expect(stateText(same.state)).toBe(expected);
    expect(ignored).toEqual([]);

    const other = await loadNodeState(recorded(`0x${"ab".repeat(32)}` as Hash), snapshots);
    expect(stateText(other.state)).toBe(expected);
    expect(ignored).toEqual([{ code: "OtherDigest", length: 2_000 }]);
    expect(snapshots.newest).toBeUndefined();
  });

  unit("does not go on when the settled updates are not those that were written", async () => {
    const { keyValue, snapshots } = await snapshotsOf(told, 2_000);
    const { settled } = await loadNodeState(told, snapshots);
    for await (const [key] of keyValue.range({ from: Uint8Array.of(8, 1), to: Uint8Array.of(9) })) {
      await keyValue.batch([{ type: "Delete", key }]);
      break;
    }

    await expect(settled.bringAll()).rejects.toThrow("damaged");
    expect((await started(told, keyValue)).text).toBe(stateText(foldedState(told, EVENTS)));
  });
});
