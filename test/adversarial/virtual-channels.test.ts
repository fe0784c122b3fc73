/** A peer misuses virtual channels and ledgers: each message is refused with a code, and leaves no trace. */
import { describe, expect } from "bun:test";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { WHILE_OPEN } from "./virtual-endings.ts";
import { BEFORE_THE_GUARANTEE } from "./virtual-moves.ts";
import { VIRTUAL_OPENINGS } from "./virtual-openings.ts";
import {
  addition,
  channelAt,
  FEE,
  goOnVirtually,
  ledgerProposal,
  playVirtualScene,
  virtualPrefund,
} from "./virtual-scene.ts";

const chainOf = chainOfFile();

describe("a hostile neighbour of an intermediary", () => {
  for (const row of [...VIRTUAL_OPENINGS, ...BEFORE_THE_GUARANTEE, ...WHILE_OPEN]) {
    const { by = "eve", code, message, name, stage } = row;
    adversarial(`who sends ${name} (${stage}) hears ${code}, and nothing else happens`, () =>
      playVirtualScene(chainOf(), stage, async (scene) => {
        const { store } = scene.world.node("alice");
        const before = store.head;

        expect(await scene[by].say(message(scene))).toBe(code);

        expect(store.head).toEqual(before);
        await goOnVirtually(scene, stage);
      }),
    );
  }

  for (const [what, wrong] of [
    ["other shares", { shares: [{ asset: ZERO_ADDRESS, left: 5n, right: 5n }] }],
    ["another fee", { fee: FEE + 1n }],
  ] as const) {
    adversarial(
      `who proposes a guarantee with ${what} than agreed is told, and may propose it rightly`,
      () =>
        playVirtualScene(chainOf(), "prefunded", async (scene) => {
          const objectiveId = virtualFundId(scene.channelId);
          const proposal = { ...addition(scene), ...wrong };
          const wanted = ledgerProposal(scene, { changes: [{ objectiveId, proposal }] });

          expect(await scene.eve.say(wanted)).toBe("Accepted");
          await scene.world.pause(2_000);
          const { turnNum } = wanted;
          const told = { channelId: scene.ledgers.own, turnNum, code: "NotWhatWasAgreed" };
          expect(scene.eve.heard).toContainEqual({ type: "LedgerRefusal", ...told });
          expect(channelAt(scene, scene.ledgers.own).mySignedTurn).toBe(1);

          const honest = ledgerProposal(scene, { turnNum: turnNum + 1 });
          expect(await scene.eve.say(honest)).toBe("Accepted");
          await scene.world.pause(2_000);
          await goOnVirtually(scene, "guaranteed");
        }),
    );
  }

  adversarial("who says again what she said before teaches nothing", () =>
    playVirtualScene(chainOf(), "prefunded", async (scene) => {
      const { store } = scene.world.node("alice");
      const proposal = ledgerProposal(scene);
      const before = store.head;
      expect(await scene.eve.say(virtualPrefund(scene))).toBe("Accepted");
      expect(store.head).toEqual(before);

      expect(await scene.eve.say(proposal)).toBe("Accepted");
      await scene.world.pause(2_000);
      const after = store.head;
      expect(await scene.eve.say(proposal)).toBe("Accepted");
      expect(store.head).toEqual(after);
      const past = ledgerProposal(scene, { turnNum: 1, baseTurnNum: 0, changes: [] });
      expect(await scene.eve.say(past)).toBe("Accepted");
      expect(store.head).toEqual(after);
      await goOnVirtually(scene, "guaranteed");
    }),
  );
});
