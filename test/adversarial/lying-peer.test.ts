/** A node lost the end of its log, and the one peer who knows it says nothing, lies, or withholds. */
import { describe, expect } from "bun:test";
import { updateId } from "../../src/channel/objective-id.ts";
import { TURN_NUM_MAX } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { ResyncMessage } from "../../src/messages/message.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { repeated } from "../sample-messages.ts";
import { goOn, next, nextId, playScene, quiet, roundOf, type Scene } from "./hostile-scene.ts";
import { fixedPartOf, outcomeOf, stateOf } from "./puppet.ts";
import { recordsOf, rollBack, type SignedTurn, signedIn, signedTwice } from "./rolled-back.ts";

const chainOf = chainOfFile();

/** What Alice signed in the life that is lost, and in the one that came back. */
type Lives = { readonly lost: readonly SignedTurn[]; readonly kept: readonly SignedTurn[] };

/** Takes from Alice all that follows the moment before she began turn 3; only her head file remembers. */
async function restoreAlice({ world }: Scene): Promise<Lives> {
  const node = world.node("alice");
  const records = await recordsOf(node);
  const last = records.findLastIndex(({ event }) => event.type === "StateSigned");
  node.crash();
  await rollBack(node, records, last, "anchor");
  await node.start();
  await world.pause(5_000);
  return { lost: signedIn(records), kept: signedIn(records.slice(0, last)) };
}

const signedByAlice = async ({ world }: Scene): Promise<readonly SignedTurn[]> =>
  signedIn(await recordsOf(world.node("alice")));

/** Alice's user wants to pay one. */
const wish = ({ channelId, world }: Scene) =>
  world.node("alice").engine.submit({
    type: "UpdateChannel",
    channelId,
    change: { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount: 1n },
  });

/** The state of turn 3 as it was signed, or with something wrong in it. */
function heldState(
  scene: Scene,
  changes: Partial<ResyncMessage & { readonly type: "HeldState" }> = {},
): ResyncMessage {
  const { channelId, eve, outcome } = scene;
  const variablePart = { outcome, appData: "0x", turnNum: 3, isFinal: false } as const;
  const signatures = [eve.sign(channelId, variablePart), undefined];
  const about = { type: "HeldState", channelId, objectiveId: undefined } as const;
  return { ...about, variablePart, signatures, updatesAsked: 2, ...changes };
}

function heldChannel(
  { people, world }: Scene,
  changes: Partial<ResyncMessage & { readonly type: "HeldChannel" }> = {},
): ResyncMessage {
  return {
    type: "HeldChannel",
    fixedPart: fixedPartOf(world),
    outcome: outcomeOf(people, [0n, 10n]),
    appData: "0x",
    openedBy: 0,
    passedTurnNum: undefined,
    ...changes,
  };
}

/** Everything that Eve may say wrongly, and what Alice answers. */
const LIES: readonly {
  readonly name: string;
  readonly code: string;
  readonly message: (scene: Scene) => ResyncMessage;
}[] = [
  {
    name: "a signature of Alice that is Eve's own",
    code: "WrongSignature",
    message: (scene) => {
      const { variablePart } = heldState(scene) as { variablePart: ReturnType<typeof next> };
      const forged = scene.eve.sign(scene.channelId, variablePart);
      return heldState(scene, { signatures: [forged, forged] });
    },
  },
  {
    name: "a state with a slot too many",
    code: "WrongSignature",
    message: (scene) => heldState(scene, { signatures: [undefined, undefined, undefined] }),
  },
  {
    name: "more updates than there are names for",
    code: "WrongSignature",
    message: (scene) => heldState(scene, { updatesAsked: 10 ** 14 + 1 }),
  },
  {
    name: "a turn of Alice's that she has not begun",
    code: "NotTheMover",
    message: (scene) => heldState(scene),
  },
  {
    name: "a turn far ahead",
    code: "TurnOutOfOrder",
    message: (scene) => {
      const variablePart = next(scene, { turnNum: 1_000 });
      const signatures = [scene.eve.sign(scene.channelId, variablePart), undefined];
      return heldState(scene, { variablePart, signatures });
    },
  },
  {
    name: "another state for the turn that all have signed",
    code: "ConflictingState",
    message: (scene) => {
      const variablePart = next(scene, { turnNum: 2, outcome: outcomeOf(scene.people, [9n, 1n]) });
      const signatures = [scene.eve.sign(scene.channelId, variablePart), undefined];
      return heldState(scene, { variablePart, signatures });
    },
  },
  {
    name: "another state with what Alice has signed of the true one",
    code: "WrongSignature",
    message: (scene) => {
      const { channelId, eve, people, world } = scene;
      const known = world.node("alice").engine.channel(channelId)?.supported;
      const variablePart = next(scene, { turnNum: 2, outcome: outcomeOf(people, [9n, 1n]) });
      const signatures = [eve.sign(channelId, variablePart), known?.signatures[1]];
      return heldState(scene, { variablePart, signatures });
    },
  },
  {
    name: "a state that no contract could read",
    code: "AssetTwice",
    message: (scene) => {
      const outcome = [...scene.outcome, ...scene.outcome];
      return heldState(scene, { variablePart: next(scene, { outcome }) });
    },
  },
  {
    name: "a state of a channel that nobody knows",
    code: "UnknownChannel",
    message: (scene) => heldState(scene, { channelId: repeated("77", 32) as Scene["channelId"] }),
  },
  {
    name: "a channel without herself",
    code: "NotAParticipant",
    message: (scene) => {
      const participants = [repeated("77", 20) as Address, scene.world.node("alice").address];
      return heldChannel(scene, { fixedPart: fixedPartOf(scene.world, { participants }) });
    },
  },
  {
    name: "a channel with an app that Alice does not know",
    code: "AppNotAllowed",
    message: (scene) => {
      const appDefinition = repeated("77", 20) as Address;
      return heldChannel(scene, { fixedPart: fixedPartOf(scene.world, { appDefinition }) });
    },
  },
  {
    name: "turns used up to the end",
    code: "TurnOutOfOrder",
    message: (scene) => heldChannel(scene, { passedTurnNum: TURN_NUM_MAX }),
  },
];

describe("a node that lost its log, with a peer who", () => {
  adversarial("says nothing, signs nothing, and says Resyncing to its user", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { kept } = await restoreAlice(scene);

      const answer = await wish(scene);
      expect(
        await scene.eve.say(stateOf(scene.eve, scene.channelId, next(scene), nextId(scene))),
      ).toBe("Accepted");
      await quiet(scene.world);

      expect(answer).toEqual({ ok: false, reason: { code: "Resyncing" } });
      expect(await signedByAlice(scene)).toEqual(kept);
    }),
  );

  adversarial("answers another question than it was asked, signs nothing", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { kept } = await restoreAlice(scene);

      await scene.eve.say({ type: "ResyncAnswer", round: roundOf(scene) - 1, isCertain: true });
      const answer = await wish(scene);
      await quiet(scene.world);

      expect(answer).toEqual({ ok: false, reason: { code: "Resyncing" } });
      expect(await signedByAlice(scene)).toEqual(kept);
    }),
  );

  adversarial(
    "withholds the turn that it began, passes all turns that may be lost and signs none of them",
    () =>
      playScene(chainOf(), "running", async (scene) => {
        const { channelId, eve, people } = scene;
        const { lost } = await restoreAlice(scene);

        await eve.say({ type: "ResyncAnswer", round: roundOf(scene), isCertain: true });
        await quiet(scene.world);

        const passed = eve.heard.findLast(({ type }) => type === "TurnPassed");
        const { turnNum: last } = passed as ResyncMessage & { readonly type: "TurnPassed" };
        expect(last).toBeGreaterThanOrEqual(lost.at(-1)?.turnNum ?? 0);
        // The payment that stood at turn 3 is still wished for, and now stands at a turn of Eve's.
        const turnNum = last + 1 + ((last + 1) % 2);
        const paid = { outcome: outcomeOf(people, [6n, 4n]), appData: "0x", turnNum } as const;
        const signed = stateOf(
          eve,
          channelId,
          { ...paid, isFinal: false },
          updateId(channelId, 1, 1),
        );
        expect(await eve.say(signed)).toBe("Accepted");
        await quiet(scene.world);
        const now = await signedByAlice(scene);
        expect(now.at(-1)?.turnNum).toBe(turnNum);
        expect(signedTwice([lost, now])).toEqual([]);
      }),
  );

  adversarial("tells of a channel that Alice never opened, gets no signature and no deposit", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, people, world } = scene;
      const { kept } = await restoreAlice(scene);
      const fixedPart = fixedPartOf(world, { channelNonce: 99n });
      const [thief = eve.address] = people;

      // What Alice would put in is Eve's.
      const outcome = outcomeOf([thief, thief], [0n, 10n]);
      expect(await eve.say(heldChannel(scene, { fixedPart, outcome, openedBy: 1 }))).toBe(
        "Accepted",
      );
      const answer = { type: "ResyncAnswer", round: roundOf(scene), isCertain: true } as const;
      expect(await eve.say(answer)).toBe("Accepted");
      await quiet(world);

      expect(await signedByAlice(scene)).toEqual(kept);
      const events = (await recordsOf(world.node("alice"))).map(({ event }) => event.type);
      expect(events.filter((type) => type === "TransactionRequested")).toHaveLength(1);
    }),
  );

  for (const { code, message, name } of LIES) {
    adversarial(`shows ${name}, answers ${code} and signs nothing`, () =>
      playScene(chainOf(), "running", async (scene) => {
        const { kept } = await restoreAlice(scene);
        const { store } = scene.world.node("alice");
        const before = store.head;

        expect(await scene.eve.say(message(scene))).toBe(code);

        expect(store.head).toEqual(before);
        expect(await signedByAlice(scene)).toEqual(kept);
      }),
    );
  }
});

describe("a node that lost nothing, with a peer who", () => {
  adversarial("tells what nobody asked for, learns nothing from it", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { store } = scene.world.node("alice");
      const before = store.head;
      const { channelId } = scene;
      const told: readonly ResyncMessage[] = [
        heldChannel(scene, { passedTurnNum: 99 }),
        heldState(scene),
        { type: "ResyncAnswer", round: 0, isCertain: false },
        { type: "ObjectiveFate", channelId, objectiveId: nextId(scene), code: undefined },
        { type: "ObjectiveQuery", channelId, objectiveId: nextId(scene) },
        { type: "TurnPassed", channelId, turnNum: 3 },
      ];

      for (const message of told)
        expect([message.type, await scene.eve.say(message)]).toEqual([message.type, "Accepted"]);

      expect(store.head).toEqual(before);
      await goOn(scene, "running");
    }),
  );

  adversarial("passes more turns than there are, refuses that and goes on", () =>
    playScene(chainOf(), "running", async (scene) => {
      const turnNum = TURN_NUM_MAX;
      const message = { type: "TurnPassed", channelId: scene.channelId, turnNum } as const;

      expect(await scene.eve.say(message)).toBe("TurnOutOfOrder");

      await goOn(scene, "running");
    }),
  );

  adversarial("claims to have heard what was never said, asks and goes on", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, world } = scene;
      for (let lie = 0; lie < 5; lie++) {
        eve.throwFrame(
          encodeFrame({ type: "Acknowledged", upTo: 1_000 + lie, refused: [], head: undefined }),
        );
        eve.throwFrame(
          encodeFrame({ type: "Greeting", nonce: lie, lastSent: 0, lastReceived: 999 }),
        );
      }
      await quiet(world);

      const peer = assertDefined(world.node("alice").engine.view().peers.get(eve.address), "Eve");
      expect(peer.resync).toEqual({ type: "None" });
      await goOn(scene, "running");
    }),
  );

  adversarial("claims it again and again, does no more work with it in this life", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, world } = scene;
      for (let lie = 0; lie < 12; lie++) {
        eve.throwFrame(
          encodeFrame({ type: "Acknowledged", upTo: 1_000 + lie, refused: [], head: undefined }),
        );
        await world.pause(2_000);
      }

      expect(await wish(scene)).toEqual({ ok: false, reason: { code: "Resyncing" } });
    }),
  );
});
