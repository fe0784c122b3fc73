/** Asks nodes for what their users wish, each at its time, and remembers what came of it. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { findCurrentLedger } from "../../src/engine/crank-channel.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import type { ActorName } from "../actors.ts";
import type { World } from "../world.ts";
import { awaitTurn, moveRequest, type PlayWish } from "./ask-moves.ts";
import { type ChannelWish, isOpening, type Opening, type Wish } from "./wish.ts";
import { assetNamed, openingRequest, requestIn } from "./wish-requests.ts";

/** What came of a wish: it was over, it was refused with a code, or nobody could be asked. */
export type WishEnd =
  | { readonly type: "Ended"; readonly status: string; readonly code: string | undefined }
  | { readonly type: "Refused"; readonly code: string }
  | { readonly type: "Skipped" };

/** What an opening led to. */
type Opened = { readonly channelId: ChannelId; readonly objectiveId: ObjectiveId };

/** Told of each move that a user asks for. */
export type OnMove = (by: ActorName, channelId: ChannelId, messages: readonly LogMessage[]) => void;

/** Which wishes are over, while they are asked. */
export class AskedWishes {
  readonly ends: Map<number, WishEnd> = new Map();
  readonly #world: World;
  readonly #wishes: readonly Wish[];
  readonly #opened = new Map<number, Promise<Opened | undefined>>();
  /** By channel of a game, when the moves that were wished for so far have been asked for. */
  readonly #moving = new Map<number, Promise<void>>();
  readonly #onMove: OnMove;
  #isOver = false;

  constructor(world: World, wishes: readonly Wish[], onMove: OnMove) {
    this.#world = world;
    this.#onMove = onMove;
    this.#wishes = wishes;
    for (const wish of wishes) void this.#live(wish);
  }

  /** True when nothing more comes of any wish. */
  get areOver(): boolean {
    return this.ends.size === this.#wishes.length;
  }

  /** From now on no wish is asked any more. */
  stop(): void {
    this.#isOver = true;
  }

  async #live(wish: Wish): Promise<void> {
    // Set before anything is waited for, so that wishes on this channel find it.
    const opening = isOpening(wish) ? Promise.withResolvers<Opened | undefined>() : undefined;
    if (opening !== undefined) this.#opened.set(wish.id, opening.promise);
    await this.#world.pause(wish.atMs);
    const end = isOpening(wish)
      ? await this.#open(wish, (opened) => opening?.resolve(opened))
      : await this.#ask(wish);
    opening?.resolve(undefined);
    this.ends.set(wish.id, end);
  }

  async #open(wish: Wish & Opening, onOpened: (opened: Opened) => void): Promise<WishEnd> {
    if (wish.type === "OpenVirtual") await this.#ledgersOf(wish);
    const node = this.#world.node(wish.by);
    if (!node.isRunning || this.#isOver) return SKIPPED;
    const answer = await node.engine.submit(openingRequest(this.#world, wish));
    if (!answer.ok) return { type: "Refused", code: answer.reason.code };
    const channelId = node.isRunning ? node.engine.objective(answer.value)?.channelId : undefined;
    if (channelId !== undefined) onOpened({ channelId, objectiveId: answer.value });
    return this.#ended(wish, answer.value);
  }

  /** Waits until all ledgers that were wished for along the route are open, or never will be. */
  async #ledgersOf({
    by,
    payee,
    via,
  }: Wish & Opening & { readonly type: "OpenVirtual" }): Promise<void> {
    const route = [by, ...via, payee];
    const isHop = (one: string, other: string): boolean =>
      Math.abs(route.indexOf(one as ActorName) - route.indexOf(other as ActorName)) === 1;
    for (const wish of this.#wishes) {
      if (wish.type !== "OpenLedger" || !route.includes(wish.by) || !route.includes(wish.other))
        continue;
      const opened = isHop(wish.by, wish.other) ? await this.#opened.get(wish.id) : undefined;
      if (opened !== undefined) await this.#world.node(wish.by).settled(opened.objectiveId);
    }
  }

  /** Waits until the channel is open for who wishes, then asks. */
  async #ask(wish: Wish & ChannelWish): Promise<WishEnd> {
    const opened = await this.#opened.get(wish.channel);
    if (opened === undefined) return SKIPPED;
    const node = this.#world.node(wish.by);
    await node.settled(opened.objectiveId);
    if (!node.isRunning || this.#isOver) return SKIPPED;
    // After a withdrawal another ledger goes on in its place.
    const { id: channelId = opened.channelId } =
      findCurrentLedger(node.engine.view(), opened.channelId) ?? {};
    if (wish.type === "Play") return this.#play(wish, channelId);
    if (wish.type === "PayVirtually") {
      const { address } = assetNamed(this.#world, wish.asset);
      const paid = await node.engine.pay(channelId, { asset: address, amount: wish.amount });
      if (!paid.ok) return { type: "Refused", code: paid.reason.code };
      return { type: "Ended", status: "Completed", code: undefined };
    }
    const answer = await node.engine.submit(requestIn(this.#world, node, channelId, wish));
    if (!answer.ok) return { type: "Refused", code: answer.reason.code };
    return this.#ended(wish, answer.value);
  }

  /** A legal move comes once it is its turn, and behind those that were wished for before it. */
  async #play(wish: PlayWish, channelId: ChannelId): Promise<WishEnd> {
    if (wish.move === "Legal") {
      const before = this.#moving.get(wish.channel);
      const waits = Promise.resolve(before).then(() => awaitTurn(this.#world, channelId, wish));
      this.#moving.set(wish.channel, waits);
      await waits;
    }
    const node = this.#world.node(wish.by);
    if (!node.isRunning || this.#isOver) return SKIPPED;
    const request = moveRequest(this.#world, channelId, wish);
    if (request === undefined) return SKIPPED;
    this.#onMove(wish.by, channelId, request.change.messages);
    const answer = await node.engine.submit(request);
    if (!answer.ok) return { type: "Refused", code: answer.reason.code };
    if (wish.move === "Illegal") {
      const message = `${wish.by}'s node takes what is no move: ${jsonOf(request.change)}`;
      this.#world.violations.push({ oracle: "games", message });
    }
    return this.#ended(wish, answer.value);
  }

  async #ended({ by }: Wish, objectiveId: ObjectiveId): Promise<WishEnd> {
    const { rejectionCode, status } = await this.#world.node(by).settled(objectiveId);
    return { type: "Ended", status, code: rejectionCode };
  }
}

const SKIPPED: WishEnd = { type: "Skipped" };
