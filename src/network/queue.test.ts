/** The queue of messages that wait. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import { Queue } from "./queue.ts";

const deeds = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("Push" as const), value: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("Shift" as const) }) },
    fc.record({ type: fc.constant("Remove" as const), value: fc.nat(9) }),
  ),
);

describe("queue", () => {
  property("a queue does what an array does", () => {
    fc.assert(
      fc.property(deeds, (steps) => {
        const queue = new Queue<number>();
        let model: number[] = [];
        for (const step of steps) {
          if (step.type === "Push") {
            queue.push(step.value);
            model.push(step.value);
          } else if (step.type === "Shift") {
            queue.shift();
            model.shift();
          } else {
            const kept = model.filter((value) => value !== step.value);
            expect(queue.remove((value) => value === step.value)).toBe(model.length - kept.length);
            model = kept;
          }
          expect([queue.size, queue.first()]).toEqual([model.length, model[0]]);
        }
      }),
    );
  });
});
