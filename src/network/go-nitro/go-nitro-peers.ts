/**
 * The peers of this node that run go-nitro. Our session speaks with a stand-in for each of them; the stand-in's words
 * become lines, and their lines its words.
 *
 *     our session <-> StandIn <- Listener <- lines
 *                     the log -> Speaker  -> lines
 *
 * Source: ADR 0037.
 */

import type { ChannelId } from "../../channel/channel-id.ts";
import type { Address } from "../../crypto/address.ts";
import { decodeGoNitro, encodeGoNitro } from "../../messages/go-nitro/codec.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Endpoint, Transport } from "../../ports/transport.ts";
import type { Context } from "../../protocols/protocol.ts";
import { Agreements } from "./agreements.ts";
import { Gathering } from "./gathering.ts";
import { GoNitroPeer } from "./go-nitro-peer.ts";
import { itemsOf } from "./item.ts";
import { SAY_AGAIN_AFTER_MS } from "./limits.ts";
import type { GoNitroLines } from "./lines.ts";
import { type GoNitroView, isGoNitroChannel } from "./view.ts";
import type { Content } from "./word.ts";

/**
 * Something that a Go node did wrong, or that was lost on the way to it. `code` is `Undecodable`, `NotTheSender`,
 * `Stranger`, `TooMuchWaits`, `TooMuchIsEarly`, a code of our engine's refusals, or one of the wire's.
 */
export type GoNitroFault = { readonly peer: Address; readonly code: string };

/** Where the peers of a node are, as its engine knows it; and which of them run go-nitro. */
export type GoNitroBook = {
  readonly peers: () => readonly Address[];
  readonly endpointOf: (peer: Address) => Endpoint | undefined;
  readonly peerAt: (endpoint: Endpoint) => Address | undefined;
  readonly isGoNitro: (peer: Address) => boolean;
};

/** What is needed to speak with nodes of go-nitro. */
export type GoNitroOptions = {
  readonly lines: GoNitroLines;
  readonly clock: Clock;
  readonly me: Address;
  readonly recoverSigner: Context["recoverSigner"];
  readonly book: GoNitroBook;
  /** The tables of the running engine; undefined before it runs. */
  readonly view: () => GoNitroView | undefined;
  /** Counts faults. Called for each line, so it must be cheap. */
  readonly report?: (fault: GoNitroFault) => void;
};

type OnFrame = (from: Endpoint, frame: Uint8Array) => void;

/** All Go peers of one node, for one life of it. */
export class GoNitroPeers {
  readonly #options: GoNitroOptions;
  readonly #peers = new Map<Address, GoNitroPeer>();
  readonly #gathering: Gathering;
  readonly #agreements = new Agreements();
  #onFrame: OnFrame | undefined;
  #isClosed = false;
  #hasLooked = false;
  #cancelTick: (() => void) | undefined;

  constructor(options: GoNitroOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options.me, options.recoverSigner);
    options.lines.listen((from, line) => this.#hearLine(from, line));
    this.#setTimer();
  }

  /** The transport that reaches these peers by lines, and everybody else as before. */
  join(other: Transport): Transport {
    const { drop } = other;
    return {
      send: (to, frame) => {
        const address = this.#options.book.peerAt(to);
        const peer = address && this.#peer(address);
        if (peer === undefined) other.send(to, frame);
        else peer.receiveFrame(frame);
      },
      listen: (onFrame, ...rest) => {
        this.#onFrame = onFrame;
        other.listen(onFrame, ...rest);
      },
      ...(drop === undefined ? {} : { drop: (endpoint) => drop(endpoint) }),
    };
  }

  /** What is kept for peers, all together. */
  kept(): { readonly items: number; readonly bytes: number; readonly gathered: number } {
    const all = [...this.#peers.values()].map((peer) => peer.kept());
    const items = all.reduce((sum, one) => sum + one.items, 0);
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    return { items, bytes, gathered: this.#gathering.size };
  }

  /** Ends this life: nothing is said or heard any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTick?.();
    for (const peer of this.#peers.values()) peer.close();
  }

  #hearLine(from: Address, line: Uint8Array): void {
    if (this.#isClosed) return;
    const { me } = this.#options;
    const peer = this.#peer(from);
    if (peer === undefined) {
      this.#report(from, "Stranger");
      return;
    }
    const message = decodeGoNitro(line);
    if (!message.ok) this.#report(from, message.reason.code);
    else if (message.value.from !== from || message.value.to !== me) {
      // Whoever it claims to be, the connection has proven another key.
      this.#report(from, "NotTheSender");
    } else peer.take(itemsOf(message.value), line.length);
  }

  /** Undefined for whoever is not in the book, or does not run go-nitro. */
  #peer(address: Address): GoNitroPeer | undefined {
    const { endpointOf, isGoNitro } = this.#options.book;
    const known = this.#peers.get(address);
    if (known !== undefined) return known;
    if (endpointOf(address) === undefined || !isGoNitro(address)) return undefined;
    const peer = this.#createPeer(address);
    this.#peers.set(address, peer);
    return peer;
  }

  #createPeer(address: Address): GoNitroPeer {
    const { book, clock, me, view } = this.#options;
    return new GoNitroPeer({
      address,
      me,
      clock,
      view,
      gathering: this.#gathering,
      agreements: this.#agreements,
      toSession: (frame) => {
        const endpoint = book.endpointOf(address);
        if (!this.#isClosed && endpoint !== undefined) this.#onFrame?.(endpoint, frame);
      },
      send: (content) => this.#send(address, content),
      onSaid: (message) => {
        if (message.type === "LedgerCountersignature") this.#agreements.agree(message);
      },
      onChanged: (channelId) => this.#afterChange(channelId),
      onGathered: (channelId) => this.#hearGathered(channelId),
      reject: (objectiveId, peers) => {
        for (const peer of peers) this.#peers.get(peer)?.sayRejected(objectiveId);
      },
      report: (code) => this.#report(address, code),
    });
  }

  async #send(to: Address, content: Content): Promise<boolean> {
    const { lines, me } = this.#options;
    if (this.#isClosed) return false;
    const sent = await lines.send(to, encodeGoNitro({ ...content, from: me, to }));
    if (!sent.ok) this.#report(to, sent.reason.code);
    return sent.ok;
  }

  /** What is new for one may concern all participants, and make timely what somebody else said too early. */
  #afterChange(channelId: ChannelId): void {
    const channel = this.#options.view()?.channels.get(channelId);
    for (const participant of channel?.fixedPart.participants ?? []) {
      this.#peers.get(participant)?.speakAbout(channelId);
    }
    for (const peer of this.#peers.values()) peer.lookAgain();
  }

  #hearGathered(channelId: ChannelId): void {
    const view = this.#options.view();
    const teller = view && this.#gathering.tellerOf(view, channelId);
    const peer = teller && this.#peer(teller);
    peer?.take([{ type: "Gathered", channelId }], 0);
  }

  /** Once the engine runs: whatever a former life may have said to nobody is said again. */
  #lookAtAll(view: GoNitroView): void {
    this.#hasLooked = true;
    for (const peer of this.#options.book.peers()) this.#peer(peer);
    for (const channel of view.channels.values()) {
      if (!isGoNitroChannel(channel)) continue;
      for (const peer of this.#peers.values()) peer.speakAbout(channel.id);
    }
  }

  #setTimer(): void {
    this.#cancelTick = this.#options.clock.after(SAY_AGAIN_AFTER_MS, () => {
      if (this.#isClosed) return;
      const view = this.#options.view();
      if (view !== undefined && !this.#hasLooked) this.#lookAtAll(view);
      for (const peer of this.#peers.values()) peer.tick();
      this.#setTimer();
    });
  }

  #report(peer: Address, code: string): void {
    this.#options.report?.({ peer, code });
  }
}
