/** The heads that peers hold find a log that was rolled back where no message is missing; and forged ones do no harm. */
import { describe, expect } from "bun:test";
import { ETH } from "../../sim/assets.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord, RecordHash } from "../../src/events/record.ts";
import type { LogHead } from "../../src/events/record-head.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playWorld } from "../played-world.ts";
import { goOn, playScene, quiet, roundOf, type Scene } from "./hostile-scene.ts";
import { recordsOf, rollBack, signedIn, signedTwice } from "./rolled-back.ts";

const chainOf = chainOfFile();

const TIMEOUT_MS = 60_000;

/** A step short enough that no frame arrives within two of them. */
const STEP_MS = 5;

const STEPS_MAX = 120_000;

const FORGED = `0x${"66".repeat(32)}` as RecordHash;

/** What was taken from Alice: only what the chain told her, behind the last message. */
type Loss = {
  readonly before: readonly EventRecord<NodeEvent>[];
  readonly kept: number;
  /** The head of Alice's log that Bob holds: it lies in the part that is lost. */
  readonly held: LogHead;
};

/** Waits, up to ten virtual minutes. */
async function until(world: World, what: string, isSo: () => boolean): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step++) {
    if (isSo()) return;
    await world.pause(STEP_MS);
  }
  throw new Error(`${what} waits for ever`);
}

const eventsOf = async (node: SimulatedNode): Promise<readonly NodeEvent[]> =>
  (await recordsOf(node)).map(({ event }) => event);

const headAt = (node: SimulatedNode, peer: SimulatedNode): LogHead | undefined =>
  node.engine.view().peers.get(peer.address)?.head;

/**
 * Bob dies before he hears that Alice has his prefund, and is back when she has seen her deposit. Then she
 * acknowledges his prefund once more, with a head behind the deposit; and loses all since the prefund.
 */
async function loseDeposit(world: World): Promise<Loss> {
  const [alice, bob] = [world.node("alice"), world.node("bob")];
  const stage = createStage(world, {});
  const opening = stage.alice.openChannel([stage.bob], [{ asset: ETH, amounts: [6n, 4n] }]);
  opening.catch(() => undefined);
  const ofBob = (): number => bob.engine.view().peers.get(alice.address)?.lastSent ?? 0;
  await until(world, "his prefund", () => ofBob() === 1);
  bob.crash();
  const holds = (): boolean =>
    [...alice.engine.channels()].some(({ holdings }) => holdings.size > 0);
  await until(world, "the deposit", holds);
  const kept = (await eventsOf(alice)).findLastIndex(({ type }) => type === "MessageReceived") + 1;
  await bob.start();
  await until(world, "the head", () => (headAt(bob, alice)?.length ?? 0) > kept);
  const before = await recordsOf(alice);
  const held = assertDefined(headAt(bob, alice), "the head that Bob holds");
  alice.crash();
  await rollBack(alice, before, kept, "forged");
  return { before, kept, held };
}

/** Nothing but the head tells, and Alice takes it for what it is: her channel goes on once Bob has told what he holds. */
async function expectFound(world: World, { before, kept }: Loss): Promise<void> {
  const [alice, bob] = [world.node("alice"), world.node("bob")];
  const lost = before.slice(kept).map(({ event: { type } }) => type);
  expect(lost).toContain("DepositDetected");
  expect(lost.filter((type) => type === "MessageSent" || type === "MessageReceived")).toEqual([]);
  const [channel] = bob.engine.channels();
  await until(world, "the channel", () =>
    [alice, bob].every(({ engine }) => engine.waits().length === 0),
  );
  const events = await eventsOf(alice);
  const started = events.filter(({ type }) => type === "ResyncStarted");
  expect(started).toEqual([{ type: "ResyncStarted", peer: bob.address, missingMax: 2 ** 20 }]);
  const completed = events.findIndex(({ type }) => type === "ResyncCompleted");
  const signed = events.findLastIndex(({ type }) => type === "StateSigned");
  expect(completed).toBeGreaterThan(kept);
  expect(signed).toBeGreaterThan(completed);
  expect(signedTwice([signedIn(before), signedIn(await recordsOf(alice))])).toEqual([]);
  const id = assertDefined(channel, "the channel").id;
  for (const { engine } of [alice, bob]) {
    expect(engine.channel(id)?.supported?.variablePart.turnNum).toBe(1);
  }
}

describe("a log that lost no message", () => {
  adversarial(
    "is found to be rolled back by the head that the peer holds, though its own head file fits",
    async () => {
      await playWorld({ cast: ["alice", "bob"], seed: 1, chain: chainOf() }, async (world) => {
        const loss = await loseDeposit(world);

        const alice = world.node("alice");
        await alice.start();

        expect(alice.store.recovery.end).toEqual({ type: "Proven" });
        await expectFound(world, loss);
      });
    },
    TIMEOUT_MS,
  );

  adversarial(
    "is found to be rewritten, though it is longer than the one that the peer knows",
    async () => {
      await playWorld({ cast: ["alice", "bob"], seed: 1, chain: chainOf() }, async (world) => {
        const loss = await loseDeposit(world);
        const alice = world.node("alice");
        const rewritten = loss.before.map((record) => {
          const { offset, timeMs } = record;
          return offset < loss.kept ? record : { ...record, timeMs: timeMs + 1 };
        });
        await rollBack(alice, rewritten, rewritten.length, "forged");

        await alice.start();

        expect(rewritten.length).toBeGreaterThanOrEqual(loss.held.length);
        expect(alice.store.recovery.end).toEqual({ type: "Proven" });
        await expectFound(world, loss);
      });
    },
    TIMEOUT_MS,
  );

  adversarial(
    "is believed where the head that the peer holds is in it",
    async () => {
      await playWorld({ cast: ["alice", "bob"], seed: 1, chain: chainOf() }, async (world) => {
        const { before, held } = await loseDeposit(world);
        const [alice, bob] = [world.node("alice"), world.node("bob")];
        await rollBack(alice, before, held.length, "forged");

        await alice.start();
        await until(world, "the channel", () =>
          [alice, bob].every(({ engine }) => engine.waits().length === 0),
        );

        const types = (await eventsOf(alice)).map(({ type }) => type);
        expect(types).not.toContain("ResyncStarted");
      });
    },
    TIMEOUT_MS,
  );
});

/** Everything that Eve may say of Alice's log, which has lost nothing. */
const FORGERIES: readonly { readonly name: string; readonly head: (log: LogHead) => LogHead }[] = [
  { name: "longer by one", head: ({ hash, length }) => ({ length: length + 1, hash }) },
  {
    name: "as long as numbers go",
    head: ({ hash }) => ({ length: Number.MAX_SAFE_INTEGER, hash }),
  },
  { name: "as long, with another end", head: ({ length }) => ({ length, hash: FORGED }) },
  { name: "with another beginning", head: () => ({ length: 0, hash: FORGED }) },
];

/** Starts Alice anew; Eve answers her greeting with a head of her own making. */
async function greetForger({ eve, world }: Scene, head: LogHead): Promise<void> {
  const alice = world.node("alice");
  eve.claimHead(head);
  alice.crash();
  await alice.start();
  await world.pause(5_000);
}

const doubtsOf = async ({ world }: Scene): Promise<readonly string[]> =>
  (await eventsOf(world.node("alice"))).flatMap((event) =>
    event.type === "ResyncStarted" ? [event.peer] : [],
  );

describe("a node that lost nothing, with a peer who holds a forged head of its log", () => {
  for (const { head, name } of FORGERIES) {
    adversarial(`${name}, asks that peer once, and goes on`, () =>
      playScene(chainOf(), "running", async (scene) => {
        const { eve, world } = scene;
        await greetForger(scene, head(world.node("alice").store.head));

        expect(await doubtsOf(scene)).toEqual([eve.address]);
        await eve.say({ type: "ResyncAnswer", round: roundOf(scene), isCertain: true });
        await quiet(world);

        expect(await doubtsOf(scene)).toEqual([eve.address]);
        const peer = world.node("alice").engine.view().peers.get(eve.address);
        expect(peer?.resync).toEqual({ type: "None" });
      }),
    );
  }

  adversarial("that was never asked for, learns nothing from it", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, world } = scene;
      const { store } = world.node("alice");
      const before = store.head;
      const head = { length: 10 ** 9, hash: FORGED };
      const standing = { lastSent: 0, settledUpTo: 0, lastReceived: 0 };
      for (let nonce = 0; nonce < 20; nonce++) {
        eve.throwFrame(encodeFrame({ type: "Welcome", nonce, ...standing, head }));
        eve.throwFrame(encodeFrame({ type: "Acknowledged", upTo: 1, refused: [], head }));
      }
      await quiet(world);

      expect(store.head).toEqual(before);
      await goOn(scene, "running");
    }),
  );

  adversarial("and a head of her own log that is none, tells only her of it", () =>
    playScene(chainOf(), "running", async (scene) => {
      const { eve, ivan, world } = scene;
      const alice = world.node("alice");
      const peers = alice.engine.view().peers;

      expect(peers.get(eve.address)?.head).toEqual(eve.ownHead);
      for (const { welcomes } of [eve, ivan]) expect(welcomes).toEqual([]);
      for (const puppet of [eve, ivan]) {
        puppet.throwFrame(
          encodeFrame({ type: "Greeting", nonce: 7, lastSent: 0, lastReceived: 0 }),
        );
      }
      await quiet(world);

      expect(eve.welcomes).toEqual([eve.ownHead]);
      expect(ivan.welcomes).toEqual([undefined]);
    }),
  );
});
