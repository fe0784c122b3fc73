/** Tables that remember what was touched: what a snapshot has to write, and no more. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { TrackedTable } from "./snapshot-table.ts";

type Key = "a" | "b" | "c";

/** What happens to a table. `Take` begins to write what was touched; `End` says how the writing went. */
type Step =
  | { readonly type: "Set"; readonly key: Key; readonly value: number }
  | { readonly type: "Delete"; readonly key: Key }
  | { readonly type: "Take" }
  | { readonly type: "End"; readonly isWritten: boolean };

const anyKey = fc.constantFrom<Key>("a", "b", "c");
const anySteps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ type: fc.constant("Set" as const), key: anyKey, value: fc.nat(9) }),
    fc.record({ type: fc.constant("Delete" as const), key: anyKey }),
    fc.record({ type: fc.constant("Take" as const) }),
    fc.record({ type: fc.constant("End" as const), isWritten: fc.boolean() }),
  ),
  { maxLength: 40, size: "max" },
);

/** A table, its disk, and what is being written there. */
class Writing {
  readonly table = new TrackedTable<Key, number>();
  readonly disk = new Map<Key, number>();
  #taken: readonly (readonly [Key, number | undefined])[] | undefined;

  step(step: Step): void {
    if (step.type === "Set") this.table.set(step.key, step.value);
    else if (step.type === "Delete") this.table.delete(step.key);
    else if (step.type === "Take") this.take();
    else this.end(step.isWritten);
  }

  take(): void {
    this.#taken ??= this.table.takeTouched().map((key) => [key, this.table.get(key)] as const);
  }

  end(isWritten: boolean): void {
    const taken = this.#taken ?? [];
    this.#taken = undefined;
    if (!isWritten) this.table.touch(taken.map(([key]) => key));
    else for (const [key, value] of taken) write(this.disk, key, value);
  }
}

function write(disk: Map<Key, number>, key: Key, value: number | undefined): void {
  if (value === undefined) disk.delete(key);
  else disk.set(key, value);
}

describe("TrackedTable", () => {
  unit("forgets what came and went since it was last asked", () => {
    const table = new TrackedTable<Key, number>();
    table.set("a", 1);
    table.delete("a");
    table.set("b", 2);

    expect(table.takeTouched()).toEqual(["b"]);
    table.delete("b");
    expect(table.takeTouched()).toEqual(["b"]);
  });

  unit("remembers what was there before, went, and came back to go again", () => {
    const table = new TrackedTable<Key, number>();
    table.restore("a", 1);
    table.delete("a");
    table.set("a", 2);
    table.delete("a");

    expect(table.takeTouched()).toEqual(["a"]);
  });

  property("gives all that makes the disk like the table, though writing fails at times", () =>
    fc.assert(
      fc.property(anySteps, (steps) => {
        const writing = new Writing();
        for (const step of steps) writing.step(step);
        writing.end(true);
        writing.take();
        writing.end(true);

        expect([...writing.disk].sort()).toEqual([...writing.table].sort());
      }),
      { numRuns: 1_000 },
    ),
  );
});
