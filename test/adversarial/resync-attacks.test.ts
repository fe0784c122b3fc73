/** Attacks on a node that takes back its log: with true signatures, with old words, with far too many. */
import { describe, expect } from "bun:test";
import type { World } from "../../sim/world.ts";
import { updateId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import type { ResyncMessage } from "../../src/messages/message.ts";
import { decodeFrame, encodeFrame } from "../../src/network/frame.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playScene, quiet, type Scene } from "./hostile-scene.ts";
import { fixedPartOf, outcomeOf, Puppet, prefundOf, stateOf } from "./puppet.ts";
import { type Head, recordsOf, rollBack, signedIn, signedTwice } from "./rolled-back.ts";

const chainOf = chainOfFile();

type Records = Awaited<ReturnType<typeof recordsOf>>;

/** Takes from Alice all but the first records; returns the log that is lost. */
async function restoreAlice({ world }: Scene, length: number, head: Head): Promise<Records> {
  const node = world.node("alice");
  const records = await recordsOf(node);
  node.crash();
  await rollBack(node, records, length, head);
  await node.start();
  await world.pause(5_000);
  return records;
}

/** The round that Alice asked Eve about. */
function roundOf({ eve }: Scene): number {
  const asked = eve.heard.findLast(({ type }) => type === "ResyncRequest");
  return (asked as ResyncMessage & { readonly type: "ResyncRequest" }).round;
}

/** What Alice signed at an offset of her log. */
function signatureOf(records: Records, offset: number): Signature {
  const event = records[offset]?.event;
  return assertDefined(event?.type === "StateSigned" ? event.signature : undefined, "a signature");
}

/** Where Alice signed a turn of her only channel. */
const offsetOf = (records: Records, turn: number): number =>
  records.findIndex(
    ({ event }) => event.type === "StateSigned" && event.variablePart.turnNum === turn,
  );

const stateOfTurn = (scene: Scene, turnNum: number, changes: Partial<VariablePart> = {}) =>
  ({ outcome: scene.outcome, appData: "0x", turnNum, isFinal: false, ...changes }) as const;

/** Eve's true account of the channel itself. */
const heldChannel = ({ people, world }: Scene, passedTurnNum?: number): ResyncMessage => ({
  type: "HeldChannel",
  fixedPart: fixedPartOf(world),
  outcome: outcomeOf(people, [0n, 10n]),
  appData: "0x",
  openedBy: 0,
  passedTurnNum,
});

const answer = (scene: Scene): ResyncMessage => ({
  type: "ResyncAnswer",
  round: roundOf(scene),
  isCertain: true,
});

describe("a node that lost its log", () => {
  adversarial("lives on when it is shown its own signature, and nothing below it", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { channelId, eve, world } = scene;
      const lost = await restoreAlice(scene, 0, "anchor");
      const held: ResyncMessage = {
        type: "HeldState",
        channelId,
        objectiveId: updateId(channelId, 1, 1),
        variablePart: stateOfTurn(scene, 3),
        signatures: [undefined, signatureOf(lost, offsetOf(lost, 3))],
        updatesAsked: 2,
      };

      expect(await eve.say(heldChannel(scene))).toBe("Accepted");
      expect(await eve.say(held)).toBe("ChannelNotRunning");
      expect(await eve.say(answer(scene))).toBe("Accepted");
      await quiet(world);

      expect(world.node("alice").isRunning).toBe(true);
      expect(signedTwice([signedIn(lost), signedIn(await recordsOf(world.node("alice")))])).toEqual(
        [],
      );
    }),
  );

  adversarial("signs nothing twice when a peer withholds all that it holds", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { channelId, eve, people, world } = scene;
      // In the life that is lost, Eve pays one at turn 4, and Alice at turn 5.
      const { engine } = world.node("alice");
      const four = stateOfTurn(scene, 4, { outcome: outcomeOf(people, [5n, 5n]) });
      expect(await eve.say(stateOf(eve, channelId, four, updateId(channelId, 0, 0)))).toBe(
        "Accepted",
      );
      const change = { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount: 3n } as const;
      await engine.submit({ type: "UpdateChannel", channelId, change });
      await quiet(world);
      const records = await recordsOf(world.node("alice"));
      expect(signedIn(records).at(-1)?.turnNum).toBe(5);
      const kept = offsetOf(records, 3);

      await restoreAlice(scene, kept, "anchor");
      expect(await eve.say(answer(scene))).toBe("Accepted");
      await quiet(world);
      const { engine: again } = world.node("alice");
      // Alice pays one: at the next turn that is free, which Eve may begin, and then another one.
      for (let round = 0; round < 3; round++) {
        await again.submit({
          type: "UpdateChannel",
          channelId,
          change: { ...change, amount: 1n },
        });
        await quiet(world);
        const asked = eve.heard.findLast(({ type }) => type === "UpdateRequest");
        if (asked?.type !== "UpdateRequest") continue;
        const supported = assertDefined(again.channel(channelId)?.supported, "a supported state");
        const [exit] = supported.variablePart.outcome;
        const [eves, alices] = assertDefined(exit, "the asset").allocations;
        const paid = outcomeOf(people, [(eves?.amount ?? 0n) + 1n, (alices?.amount ?? 0n) - 1n]);
        const begun = stateOfTurn(scene, asked.turnNum, { outcome: paid });
        await eve.say(stateOf(eve, channelId, begun, asked.objectiveId));
        await quiet(world);
      }

      const now = signedIn(await recordsOf(world.node("alice")));
      expect(now.at(-1)?.turnNum).toBeGreaterThan(5);
      expect(signedTwice([signedIn(records), now])).toEqual([]);
    }),
  );

  adversarial(
    "takes back a channel in which somebody passed more turns than any log has events",
    () =>
      playScene(chainOf(), "running", async (scene) => {
        const { channelId, eve, world } = scene;
        await restoreAlice(scene, 0, "anchor");
        const passedTurnNum = 2 ** 33;

        expect(await eve.say(heldChannel(scene, passedTurnNum))).toBe("Accepted");
        expect(await eve.say(answer(scene))).toBe("Accepted");

        expect(world.node("alice").engine.channel(channelId)?.passedTurn).toBe(passedTurnNum);
      }),
  );

  adversarial("hears two welcomes of a peer, one of them late, and lives on", () =>
    playScene(chainOf(), "unknown", async (scene) => {
      const { channelId, eve, ivan, people, world } = scene;
      const participants = [ivan.address, world.node("alice").address];
      const fixedPart = fixedPartOf(world, { participants });
      await ivan.say(prefundOf(ivan, fixedPart, outcomeOf(participants, [0n, 10n])));
      await quiet(world);
      const opening = outcomeOf(people, [0n, 10n]);
      await eve.say(prefundOf(eve, fixedPartOf(world), opening));
      await quiet(world);
      const records = await recordsOf(world.node("alice"));
      const kept = records.findLastIndex(({ event }) => event.type === "StateSigned");
      // From now on Ivan says only what follows here.
      const nonces: number[] = [];
      world.wire.transportOf("ivan").listen((_, bytes) => {
        const frame = decodeFrame(bytes);
        if (frame.ok && frame.value.type === "Greeting") nonces.push(frame.value.nonce);
      });
      const welcome = (): void => {
        const nonce = assertDefined(nonces.at(-1), "a greeting");
        const standing = { lastSent: 1, settledUpTo: 1, lastReceived: 1 } as const;
        ivan.throwFrame(encodeFrame({ type: "Welcome", nonce, ...standing, head: undefined }));
      };
      await restoreAlice(scene, kept, "forged");
      const gate = slowDisk(world);

      // Eve proves that the log has lost its end, just when Ivan answers.
      const held = eve.say({
        type: "HeldState",
        channelId,
        objectiveId: undefined,
        variablePart: stateOfTurn(scene, 1, { outcome: opening }),
        signatures: [undefined, signatureOf(records, kept)],
        updatesAsked: 0,
      });
      await world.pause(100);
      welcome();
      await world.pause(100);
      gate.openOnce();
      await world.pause(100);
      welcome();
      await world.pause(100);
      gate.open();
      expect(await held).toBe("Accepted");
      await world.pause(5_000);

      expect(new Set(nonces).size).toBe(2);
      expect(world.node("alice").engine.view().peers.get(ivan.address)?.resync.type).toBe("Asked");
      // It takes what Alice still has to say.
      new Puppet(world, "ivan");
    }),
  );
});

describe("a node that is asked what it holds", () => {
  adversarial("answers no more while its peer takes none of the answers", () =>
    playScene(chainOf(), "running", async ({ eve, world }) => {
      // Eve asks without end, and neither hears nor acknowledges anything but refusals.
      const refused = new Set<number>();
      world.wire.transportOf("eve").listen((_, bytes) => {
        const frame = decodeFrame(bytes);
        if (!frame.ok || frame.value.type !== "Acknowledged") return;
        for (const { code, sequence } of frame.value.refused) {
          expect(code).toBe("AnswersUntaken");
          refused.add(sequence);
        }
      });
      const before = sizeOfOutbox(world);
      const payload = encodeMessage({ type: "ResyncRequest", round: 1 });
      for (let sequence = 1_000; sequence < 1_030; sequence++) {
        eve.throwFrame(encodeFrame({ type: "Data", sequence, lowest: 1_000, payload }));
        await world.pause(100);
      }

      expect(refused.size).toBe(30 - 8);
      expect(sizeOfOutbox(world) - before).toBeLessThanOrEqual(8 * 5);
      // She takes what Alice still has to say.
      new Puppet(world, "eve");
    }),
  );
});

const sizeOfOutbox = (world: World): number => world.node("alice").engine.view().messages.size;

/** A disk on which each append waits until it is let through. */
function slowDisk(world: World) {
  const journal = world.node("alice").parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let isOpen = false;
  const waiting: (() => void)[] = [];
  journal.write = async (position, bytes) => {
    if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
    return write(position, bytes);
  };
  return {
    openOnce: () => waiting.shift()?.(),
    open: () => {
      isOpen = true;
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}
