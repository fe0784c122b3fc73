/** A peer with a key of its own says what it should not: refused with a code, no trace in the log. */
import { describe, expect } from "bun:test";
import { encodeMessage } from "../../src/messages/codec.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import { FRAME_BYTES_MAX } from "../../src/network/limits.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { AFTER_THE_END, WHILE_RUNNING } from "./hostile-moves.ts";
import { OPENINGS, PROPOSALS, WHILE_FUNDING } from "./hostile-openings.ts";
import { goOn, next, nextId, playScene, quiet } from "./hostile-scene.ts";
import { stateOf } from "./puppet.ts";

const chainOf = chainOfFile();

const ROWS = [...OPENINGS, ...PROPOSALS, ...WHILE_FUNDING, ...WHILE_RUNNING, ...AFTER_THE_END];

describe("a hostile peer", () => {
  for (const { by = "eve", code, message, name, stage } of ROWS) {
    adversarial(`who sends ${name} (${stage}) hears ${code}, and nothing else happens`, () =>
      playScene(chainOf(), stage, async (scene) => {
        const { store } = scene.world.node("alice");
        const before = store.head;

        expect(await scene[by].say(message(scene))).toBe(code);

        expect(store.head).toEqual(before);
        await goOn(scene, stage);
      }),
    );
  }

  adversarial("who throws frames that are none is not heard at all", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, world } = scene;
      const { store } = world.node("alice");
      const before = store.head;
      const payload = encodeMessage(stateOf(eve, scene.channelId, next(scene), nextId(scene)));
      const frames = [
        new Uint8Array(),
        Uint8Array.of(0xc1),
        new Uint8Array(FRAME_BYTES_MAX + 1),
        Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
        encodeFrame({ type: "Data", sequence: 0, lowest: 0, payload }),
        encodeFrame({ type: "Data", sequence: 2 ** 48 - 1, lowest: 1, payload }),
        encodeFrame({ type: "Acknowledged", upTo: 2 ** 48 - 1, refused: [], head: undefined }),
      ];

      for (const frame of frames) eve.throwFrame(frame);
      await quiet(world);

      expect(store.head).toEqual(before);
      await goOn(scene, "running");
    }),
  );
});
