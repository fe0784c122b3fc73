/** Tables in SQL follow from the log alone, wherever the engine or the database stops in between. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import {
  countingReducer,
  createMemoryLog,
  type MemoryLog,
  payloadOf,
  REFUSED,
} from "../../test/counting-reducer.ts";
import {
  channelOf,
  contentsIn,
  contentsOf,
  unitChange,
  unitPayloads,
} from "../../test/derived-tables.ts";
import { adversarial, concurrency, crash, integration, property, unit } from "../../test/kind.ts";
import { type DatabaseName, useSqlDatabases } from "../../test/sql-databases.ts";
import type { Sql } from "../ports/sql.ts";
import { NodeError } from "../primitives/node-error.ts";
import {
  DerivationEngine,
  type DerivationOptions,
  type DerivationReport,
} from "./derivation-engine.ts";
import type { RowSourceOpener } from "./row-source.ts";
import { schemaNameOf } from "./sql/channel-schema.ts";

const databases = useSqlDatabases();
let channels = 0;

/** A channel of its own, with so many messages. */
function newLog(messages: number): MemoryLog {
  channels += 1;
  return createMemoryLog(channelOf(channels), unitPayloads(messages));
}

function engineOf(
  sql: Sql,
  log: MemoryLog,
  options: DerivationOptions = {},
  reducer: RowSourceOpener = countingReducer(),
): DerivationEngine {
  return new DerivationEngine({ sql, log, reducer }, options);
}

/** A report in short. */
function told({ messages, stop }: DerivationReport): string {
  if (stop === undefined) return `${messages}`;
  return `${messages} ${stop.code === "DatabaseFailed" ? stop.error.code : stop.code}`;
}

/** A reducer that says how many messages it took. */
function watched(reducer: RowSourceOpener): {
  readonly reducer: RowSourceOpener;
  readonly taken: () => number;
} {
  let count = 0;
  const watch = (opened: ReturnType<RowSourceOpener["open"]>): typeof opened => {
    if (!opened.ok) return opened;
    const source = opened.value;
    const reduce: typeof source.reduce = (message) => {
      count += 1;
      return source.reduce(message);
    };
    return { ok: true, value: { ...source, reduce } };
  };
  return {
    reducer: {
      id: reducer.id,
      open: () => watch(reducer.open()),
      restore: (snapshot) => watch(reducer.restore(snapshot)),
    },
    taken: () => count,
  };
}

/** A database whose n-th transaction breaks off, before it is done or before that is heard. */
function breaking(sql: Sql, at: number, when: "before" | "after"): Sql {
  let count = 0;
  return {
    ...sql,
    transaction: async (statements) => {
      count += 1;
      if (count === at && when === "before") throw new NodeError("DatabaseAway", "cut off");
      const answers = await sql.transaction(statements);
      if (count === at) throw new NodeError("DatabaseAway", "cut off");
      return answers;
    },
  };
}

for (const name of databases.names) describe(`derivation into ${name}`, () => testDerivation(name));

function testDerivation(name: DatabaseName): void {
  const open = (): Sql => databases.open(name);

  integration("the tables are those that follow from the log, message after message", async () => {
    const log = newLog(0);
    const first = [unitChange("insert", "at the beginning", 7n)];
    const reducer = countingReducer(undefined, first);
    const engine = engineOf(open(), log, {}, reducer);

    for (const payload of unitPayloads(8)) {
      expect(told(await engine.advance())).toBe(`${log.length()}`);
      expect(await contentsIn(open(), log.channelId)).toEqual(await contentsOf(log, reducer));
      log.add(payload);
    }
    const [units] = await contentsIn(open(), log.channelId);
    expect(units).toContain(`0xaabb|at the beginning|7|${(1n << 255n) + 7n}|false`);
  });

  property("batches of any size and restarts at any place give the same tables", async () => {
    const run = fc.asyncProperty(
      fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      async (steps, batchMessages, snapshotMessages) => {
        const log = newLog(0);
        const payloads = unitPayloads(steps.reduce((sum, step) => sum + step, 0));
        for (const step of steps) {
          for (const payload of payloads.slice(log.length(), log.length() + step)) log.add(payload);
          const engine = engineOf(open(), log, { batchMessages, snapshotMessages });
          expect(told(await engine.advance())).toBe(`${log.length()}`);
        }
        const wanted = await contentsOf(log, countingReducer());
        expect(await contentsIn(open(), log.channelId)).toEqual(wanted);
        await engineOf(open(), log).rebuild();
        expect(await contentsIn(open(), log.channelId)).toEqual(wanted);
      },
    );

    await fc.assert(run, { numRuns: 8 });
  });

  adversarial(
    "a message that is refused stops everybody at the same place, and changes nothing",
    async () => {
      const bad: readonly (readonly [payload: Uint8Array, code: string])[] = [
        [REFUSED, "Refused"],
        [payloadOf([unitChange("insert", "new"), unitChange("insert", "unit 4")]), "RowExists"],
        [payloadOf([unitChange("delete", "unit 4"), unitChange("delete", "nobody")]), "RowMissing"],
      ];

      for (const [payload, code] of bad) {
        const log = newLog(5);
        const reader = engineOf(open(), log, { batchMessages: 9, snapshotMessages: 1 });
        await reader.advance();
        const good = unitPayloads(12).slice(5);
        for (const added of [...good, payload, ...good]) log.add(added);
        const stop = { code: "MessageRefused", message: 12, reason: { code } };

        // Again, by another engine, and from the beginning: always there.
        expect(await reader.advance()).toMatchObject({ messages: 12, stop });
        expect(await reader.advance()).toMatchObject({ messages: 12, stop });
        expect(await engineOf(open(), log).advance()).toMatchObject({ messages: 12, stop });
        expect(await reader.rebuild()).toMatchObject({ messages: 12, stop });
        expect(await contentsIn(open(), log.channelId)).toEqual(
          await contentsOf(log, countingReducer(), 12),
        );
        expect(log.length()).toBe(20);
      }
    },
  );

  crash("wherever the connection breaks, every change is there once", async () => {
    for (const when of ["before", "after"] as const) {
      for (let at = 1; at <= 6; at += 1) {
        const log = newLog(4);
        await engineOf(open(), log).advance();
        for (const payload of unitPayloads(12).slice(4)) log.add(payload);
        const broken = engineOf(breaking(open(), at, when), log, {
          batchMessages: 2,
          snapshotMessages: 3,
        });

        const report = await broken.advance();
        expect(`${when} ${at}: ${report.stop?.code}`).toBe(`${when} ${at}: DatabaseFailed`);
        expect(told(await broken.advance())).toBe("12");
        expect(await contentsIn(open(), log.channelId)).toEqual(
          await contentsOf(log, countingReducer()),
        );
      }
    }
  });

  crash("a database that is full is reported, and caught up with once there is room", async () => {
    const log = newLog(3);
    const engine = engineOf(open(), log);
    await engine.advance();
    const place = schemaNameOf(log.channelId);
    await open().transaction([
      {
        text: `create function "${place}".full() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$`,
      },
      {
        text: `create trigger full_disk before insert on "${place}".position execute function "${place}".full()`,
      },
    ]);
    for (const payload of unitPayloads(6).slice(3)) log.add(payload);

    expect(told(await engine.advance())).toBe("3 DatabaseFull");
    expect(await contentsIn(open(), log.channelId)).toEqual(
      await contentsOf(log, countingReducer(), 3),
    );
    await open().transaction([{ text: `drop trigger full_disk on "${place}".position` }]);
    expect(told(await engine.advance())).toBe("6");
    expect(await contentsIn(open(), log.channelId)).toEqual(
      await contentsOf(log, countingReducer()),
    );
  });

  concurrency(
    "of two engines one writes, and the other one finds out and goes on from there",
    async () => {
      const log = newLog(3);
      const engines = [engineOf(open(), log), engineOf(open(), log)] as const;
      for (const engine of engines) await engine.advance();
      for (const payload of unitPayloads(6).slice(3)) log.add(payload);

      expect(told(await engines[0].advance())).toBe("6");
      expect(told(await engines[1].advance())).toBe("6");
      log.add(payloadOf([unitChange("insert", "seventh")]));
      const reports = await Promise.all(engines.map((engine) => engine.advance()));
      expect(reports.map(told)).toEqual(["7", "7"]);
      expect(await contentsIn(open(), log.channelId)).toEqual(
        await contentsOf(log, countingReducer()),
      );
    },
  );

  concurrency("an engine that knows fewer messages takes nothing back", async () => {
    const changes = [1n, 2n].map((points) => payloadOf([unitChange("update", "unit 1", points)]));
    const log = newLog(2);
    const late = createMemoryLog(log.channelId, unitPayloads(2));
    const engine = engineOf(open(), late);
    await engine.advance();
    for (const change of changes) log.add(change);
    expect(told(await engineOf(open(), log).advance())).toBe("4");
    for (const change of changes.slice(0, 1)) late.add(change);

    expect(told(await engine.advance())).toEndWith("ProjectionMismatch");
    expect(await contentsIn(open(), log.channelId)).toEqual(
      await contentsOf(log, countingReducer()),
    );
  });

  adversarial(
    "tables that somebody changed, or of another log or reducer, are told and rebuilt",
    async () => {
      const log = newLog(4);
      await engineOf(open(), log).advance();
      const other = { ...countingReducer(), id: log.channelId };
      const shorter = createMemoryLog(log.channelId, unitPayloads(3));
      const forked = createMemoryLog(log.channelId, unitPayloads(9).slice(5));

      expect(told(await engineOf(open(), log, {}, other).advance())).toEndWith(
        "ProjectionMismatch",
      );
      expect(told(await engineOf(open(), shorter).advance())).toEndWith("ProjectionMismatch");
      expect(told(await engineOf(open(), forked).advance())).toEndWith("ProjectionMismatch");
      for (const memory of [true, false]) {
        const engine = engineOf(open(), log);
        if (memory) await engine.advance();
        await open().transaction([
          { text: `delete from "${schemaNameOf(log.channelId)}"."units"` },
        ]);
        log.add(payloadOf([unitChange("update", "unit 3", 1n)]));
        expect(told(await engine.advance())).toBe(`${log.length()}`);
        expect(await contentsIn(open(), log.channelId)).toEqual(
          await contentsOf(log, countingReducer()),
        );
      }
    },
  );

  unit("a new engine takes only the messages since the last snapshot", async () => {
    const log = newLog(95);
    const options = { batchMessages: 5, snapshotMessages: 10 };
    await engineOf(open(), createMemoryLog(log.channelId, unitPayloads(20)), options).advance();
    await engineOf(open(), log, options).advance();
    const { reducer, taken } = watched(countingReducer());
    const engine = engineOf(open(), log, options, reducer);
    log.add(payloadOf([]));

    expect(told(await engine.advance())).toBe("96");
    // At most a tenth of what the beginning would cost.
    expect(taken()).toBeLessThan(10);
  });

  unit(
    "going back takes only the messages since a snapshot with rows, where rows change often",
    async () => {
      const moves = Array.from({ length: 100 }, (_, at) =>
        payloadOf([unitChange("update", "runner", BigInt(at))]),
      );
      const log = createMemoryLog(newLog(0).channelId);
      const first = [unitChange("insert", "runner")];
      const { reducer, taken } = watched(countingReducer(undefined, first));
      const engine = engineOf(open(), log, { batchMessages: 5, snapshotMessages: 10 }, reducer);
      await engine.advance();
      for (const payload of moves) log.add(payload);
      expect(told(await engine.advance())).toBe("100");
      const before = taken();

      const past = await engine.at(99);

      expect(taken() - before).toBeLessThan(20);
      if (!past.ok) throw new Error(past.reason.code);
      expect(await past.value.ask({ text: "select points from units" })).toMatchObject({
        value: { rows: [[98n]] },
      });
      await past.value.close();
    },
  );

  unit("the tables as they were after any message stand beside those of now", async () => {
    const log = newLog(25);
    const engine = engineOf(open(), log, { batchMessages: 5, snapshotMessages: 5 });
    await engineOf(open(), createMemoryLog(log.channelId, unitPayloads(5)), {}).advance();
    await engine.advance();

    for (const messages of [0, 4, 5, 13, 25]) {
      const past = await engine.at(messages);
      if (!past.ok) throw new Error(past.reason.code);
      const wanted = await contentsOf(log, countingReducer(), messages);
      const place = `${schemaNameOf(log.channelId)}_at_${messages}`;
      expect(await contentsIn(open(), log.channelId, undefined, place)).toEqual(wanted);
      expect(await past.value.ask({ text: "select count(*) from units" })).toEqual({
        ok: true,
        value: { columns: ["count"], rows: [[BigInt(wanted[0]?.length ?? 0)]] },
      });
      await past.value.close();
      expect(await past.value.ask({ text: "select count(*) from units" })).toMatchObject({
        reason: { code: "RefusedByDatabase" },
      });
    }
    expect(await engine.at(26)).toEqual({
      ok: false,
      reason: { code: "LogTooShort", messages: 25 },
    });
    expect(await contentsIn(open(), log.channelId)).toEqual(
      await contentsOf(log, countingReducer()),
    );
  });
}

describe("a server that goes away", () => {
  crash("stops the projection, which says so and catches up when the server is back", async () => {
    const sql = databases.open("postgres");
    const log = newLog(3);
    const engine = engineOf(sql, log);
    await engine.advance();
    for (const payload of unitPayloads(6).slice(3)) log.add(payload);
    await databases.server().interrupt();

    expect(told(await engine.advance())).toBe("3 DatabaseAway");
    expect(told(await engine.advance())).toBe("3 DatabaseAway");
    await databases.server().resume();
    expect(told(await engine.advance())).toBe("6");
    expect(await contentsIn(sql, log.channelId)).toEqual(await contentsOf(log, countingReducer()));
  });
});
