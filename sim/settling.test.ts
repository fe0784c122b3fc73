/** What has happened once a step of a world is over. */
import { describe, expect } from "bun:test";
import { unit } from "../test/kind.ts";
import { realWorld } from "./real-world.ts";
import { Settling } from "./settling.ts";

/** Takes so many promises one after the other. */
async function follow(promises: number, onEnd: () => void): Promise<void> {
  for (let count = 0; count < promises; count++) await undefined;
  onEnd();
}

describe("Settling", () => {
  unit(
    "lets all promises go on to their end, those that others make on their way too",
    async () => {
      const settling = new Settling();
      let ended = 0;
      const end = (): void => {
        ended += 1;
      };
      void follow(1, () => void follow(500, end));
      void follow(1_000, end);
      const settled = settling.settle();

      expect(ended).toBe(2);
      await settled;
    },
  );

  unit("lets the machine have its turn in every thousand steps", async () => {
    const settling = new Settling();
    let turns = 0;
    realWorld.setImmediate(() => {
      turns += 1;
    });
    for (let step = 1; step < 1_000; step++) await settling.settle();
    expect(turns).toBe(0);
    await settling.settle();

    expect(turns).toBe(1);
  });
});
