/** The causes of a change are the events that write it, whether the past is read or folded. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import { foldedState, logOf, snapshotsOf, toldEvents } from "../../test/told-log.ts";
import { evolveNode } from "../engine/evolve-node.ts";
import type { NodeTables } from "../engine/node-state.ts";
import { nodeAt } from "../engine/reconstruction.ts";
import { type Causes, causesIn } from "./change-causes.ts";

const told = logOf(toldEvents(900));

/** Folds the whole log in memory, and watches its tables. */
function expected(from: number, to: number): Causes {
  const causes = new Map<string, { offset: number; type: string }[]>();
  const state = foldedState(told, from);
  for (const { event, offset } of told.records.slice(from, to)) {
    const written = new Set<string>();
    const watched = Object.entries(state).map(([name, table]) => {
      const entities = table as Map<string, unknown>;
      const note = (key: string): string => {
        written.add(`${name}/${key}`);
        return key;
      };
      return [
        name,
        {
          get: (key: string) => entities.get(key),
          set: (key: string, value: unknown) => entities.set(note(key), value),
          delete: (key: string) => entities.delete(note(key)),
        },
      ];
    });
    evolveNode(Object.fromEntries(watched) as NodeTables, event);
    for (const entity of written) {
      causes.set(entity, [...(causes.get(entity) ?? []), { offset, type: event.type }]);
    }
  }
  return causes as Causes;
}

async function* recordsIn(from: number, to: number) {
  yield* told.records.slice(from, to);
}

describe("causesIn", () => {
  invariant("gives what a fold of everything gives, with snapshots and without", async () => {
    const { snapshots } = await snapshotsOf(told, 200);
    for (const [from, to] of [
      [0, 900],
      [0, 1],
      [399, 401],
      [450, 700],
      [899, 900],
    ] as const) {
      const wanted = expected(from, to);
      for (const beside of [snapshots, undefined]) {
        const before = await nodeAt(told, from, beside);

        expect(await causesIn(before, recordsIn(from, to), to - from)).toEqual(wanted);
      }
      expect(wanted.size).toBeGreaterThan(0);
    }
  });

  unit("finds nothing where no event is", async () => {
    const causes = await causesIn(await nodeAt(told, 9), recordsIn(9, 9), 0);

    expect(causes.size).toBe(0);
  });
});
