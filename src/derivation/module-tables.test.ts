/** Modules of WebAssembly become tables: from the bytes of a reducer to rows that are asked for. */
import { afterAll, describe, expect } from "bun:test";
import { createMemoryLog, type MemoryLog } from "../../test/counting-reducer.ts";
import { contentsIn, contentsOf } from "../../test/derived-tables.ts";
import { openEmbedded } from "../../test/embedded-database.ts";
import { adversarial, integration } from "../../test/kind.ts";
import { acceptedOf, admitted, reducerBytes, SAMPLE_INIT } from "../../test/reducers.ts";
import { DerivationEngine } from "./derivation-engine.ts";
import { reducerOpener } from "./reducer-opener.ts";
import type { MessageLog } from "./row-source.ts";

const opening = openEmbedded();
const reducer = reducerOpener(admitted(reducerBytes("counter")), SAMPLE_INIT);
const { channelId } = SAMPLE_INIT;

afterAll(async () => {
  const sql = await opening;
  await sql.close();
});

/** Participants add 7 to their numbers in turn; whatever else is added is refused. */
function adding(log: MemoryLog): MessageLog {
  return {
    channelId,
    read: async (from, countMax) => {
      const read = await log.read(from, countMax);
      return read.map((message) => ({ ...message, type: "add", sender: message.turn % 2 }));
    },
  };
}

describe("a module", () => {
  integration("counts into a table, by the same rows before and after a restart", async () => {
    const sql = await opening;
    const log = createMemoryLog(channelId, Array(10).fill(Uint8Array.of(7)));
    const engineOf = (): DerivationEngine =>
      new DerivationEngine({ sql, log: adding(log), reducer }, { snapshotMessages: 4 });

    expect(await engineOf().advance()).toEqual({ messages: 10, stop: undefined });
    for (let more = 0; more < 3; more += 1) log.add(Uint8Array.of(7));
    const engine = engineOf();
    expect(await engine.advance()).toEqual({ messages: 13, stop: undefined });

    expect(await engine.ask({ text: "select total from counts order by participant" })).toEqual({
      ok: true,
      value: { columns: ["total"], rows: [[49n], [42n]] },
    });
    const { schema } = acceptedOf(reducer.open());
    expect(await contentsIn(sql, channelId, schema)).toEqual(
      await contentsOf(adding(log), reducer),
    );
    log.add(Uint8Array.of(0xc0));
    expect(await engine.advance()).toMatchObject({
      messages: 13,
      stop: { code: "MessageRefused", message: 13 },
    });
  });

  adversarial("does not go on from a snapshot of another channel", () => {
    const other = reducerOpener(admitted(reducerBytes("counter")), {
      ...SAMPLE_INIT,
      challengeDurationSec: 61,
    });
    const snapshot = acceptedOf(reducer.open()).snapshot();

    expect(reducer.restore(snapshot).ok).toBe(true);
    expect(other.restore(snapshot)).toEqual({ ok: false, reason: { code: "SnapshotRefused" } });
    expect(reducer.restore(new Uint8Array(9)).ok).toBe(false);
  });
});
