/** Tests of who a node knows. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import type { Address } from "../../crypto/address.ts";
import { ADDED_PEERS_MAX, type AddedPeer } from "./added-peers.ts";
import { PeerBook, type PeerBookOptions } from "./peer-book.ts";

const address = (number: number): Address =>
  `0x${number.toString(16).padStart(40, "0")}` as Address;
const [ME, ALICE, BOB, EVE] = [address(1), address(2), address(3), address(4)];
const PLACE = "tcp://alice.example:3005";

const createBook = (options: Partial<PeerBookOptions> = {}): PeerBook =>
  new PeerBook({
    me: ME,
    configured: [{ address: ALICE, places: [PLACE], name: "alice" }],
    openToStrangers: false,
    strangersMax: 2,
    ...options,
  });

const origins = (book: PeerBook): Readonly<Record<string, string>> =>
  Object.fromEntries(book.entries().map((entry) => [entry.address, entry.origin]));

describe("PeerBook", () => {
  unit("knows whom the configuration names, and nobody else", () => {
    const book = createBook();

    expect(book.entries()).toEqual([
      { address: ALICE, name: "alice", places: [PLACE], origin: "Configuration" },
    ]);
    expect([book.isWelcome(ALICE), book.isWelcome(EVE)]).toEqual([true, false]);
    expect([...book.addressBook.peers]).toEqual([ALICE]);
  });

  adversarial("has no place for a stranger who is gone, wherever he says that he is", () => {
    const book = createBook({ openToStrangers: true, foundPlaces: () => ["/dns/victim/tcp/80"] });
    book.arrived(EVE);
    expect(book.placesOf(EVE)).toEqual(["/dns/victim/tcp/80"]);

    book.left(EVE);

    expect(book.placesOf(EVE)).toEqual([]);
    expect(book.placesOf(ALICE)).toEqual([PLACE, "/dns/victim/tcp/80"]);
  });

  unit("takes a peer from a request, and a further place, the newest first", () => {
    const book = createBook();

    expect(book.add(BOB, undefined)).toBeUndefined();
    expect(book.add(ALICE, "tcp://10.0.0.1:1")).toBeUndefined();
    expect(book.isWelcome(BOB)).toBe(true);
    expect(book.placesOf(ALICE)).toEqual(["tcp://10.0.0.1:1", PLACE]);
    expect(origins(book)).toEqual({ [ALICE]: "Configuration", [BOB]: "Request" });
  });

  unit("refuses itself, what is no place, and more than it holds", () => {
    const book = createBook();

    expect(book.add(ME, undefined)).toEqual({ code: "IsMyself" });
    expect(book.add(BOB, "somewhere")).toEqual({ code: "NotAPlace" });
    for (let number = 100; number < 100 + ADDED_PEERS_MAX; number++) {
      expect(book.add(address(number), undefined)).toBeUndefined();
    }
    expect(book.add(BOB, undefined)).toEqual({ code: "AddressBookFull" });
    expect(book.add(address(100), PLACE)).toBeUndefined();
  });

  unit("keeps few places of one peer", () => {
    const book = createBook();
    for (let port = 1; port <= 20; port++) book.add(ALICE, `tcp://alice.example:${port}`);

    expect(book.placesOf(ALICE)).toHaveLength(8);
    expect(book.placesOf(ALICE)[0]).toBe("tcp://alice.example:20");
  });

  unit("dials where a peer was found by other means, after what is written", () => {
    const book = createBook({ foundPlaces: () => ["/ip4/1.2.3.4/tcp/5/p2p/x", PLACE] });

    expect(book.placesOf(ALICE)).toEqual([PLACE, "/ip4/1.2.3.4/tcp/5/p2p/x"]);
  });

  adversarial("strangers are let in while there is room, and forgotten when they go", () => {
    const book = createBook({ openToStrangers: true });

    for (const number of [10, 11]) {
      expect(book.isWelcome(address(number))).toBe(true);
      expect(book.arrived(address(number))).toBe(true);
    }
    expect(book.isWelcome(EVE)).toBe(false);
    expect(book.arrived(address(10))).toBe(false);
    expect(book.left(address(10))).toBe(true);
    expect(book.isWelcome(EVE)).toBe(true);
    for (let number = 1_000; number < 3_000; number++) {
      book.arrived(address(number));
      book.left(address(number));
    }
    expect(book.entries()).toHaveLength(2);
  });

  unit("whom the log knows stays known, be it from an earlier life or since", () => {
    const book = createBook({ openToStrangers: true });
    book.arrived(EVE);
    book.followLog([ME, ALICE, BOB], (peer) => peer === EVE);

    expect(book.left(EVE)).toBe(false);
    expect(book.left(ALICE)).toBe(false);
    expect(origins(book)).toEqual({ [ALICE]: "Configuration", [BOB]: "Log", [EVE]: "Log" });
  });

  unit("a stranger who is added by a request is none any more", () => {
    const book = createBook({ openToStrangers: true, strangersMax: 1 });
    book.arrived(EVE);
    book.add(EVE, PLACE);

    expect(book.isWelcome(BOB)).toBe(true);
    expect(book.left(EVE)).toBe(false);
    expect(origins(book)[EVE]).toBe("Request");
  });

  unit("keeps what requests add, and a later life knows it", () => {
    let kept: readonly AddedPeer[] = [];
    const keep = (added: readonly AddedPeer[]): void => {
      kept = added;
    };
    const book = createBook({ keep });
    book.add(BOB, "tcp://10.0.0.1:1");
    book.add(BOB, "tcp://10.0.0.2:2");
    book.add(ALICE, "tcp://10.0.0.3:3");

    const later = createBook({ added: kept });

    expect(later.entries()).toEqual(book.entries());
    expect(later.placesOf(BOB)).toEqual(["tcp://10.0.0.2:2", "tcp://10.0.0.1:1"]);
    expect(later.placesOf(ALICE)).toEqual(["tcp://10.0.0.3:3", PLACE]);
  });

  unit("takes back a place, or a peer, and nothing that others have written", () => {
    let kept: readonly AddedPeer[] = [];
    const keep = (added: readonly AddedPeer[]): void => {
      kept = added;
    };
    const book = createBook({ keep });
    book.add(BOB, PLACE);
    book.add(EVE, undefined);
    book.followLog([], (peer) => peer === EVE);

    expect(book.remove(ALICE, undefined)).toEqual({ ok: false, reason: { code: "IsConfigured" } });
    expect(book.remove(ALICE, PLACE)).toEqual({ ok: false, reason: { code: "IsConfigured" } });
    expect(book.remove(BOB, "tcp://10.0.0.1:1")).toEqual({
      ok: false,
      reason: { code: "NotAdded" },
    });
    expect(book.remove(BOB, PLACE)).toEqual({ ok: true, value: { isGone: false } });
    expect(book.placesOf(BOB)).toEqual([]);
    expect(book.remove(BOB, undefined)).toEqual({ ok: true, value: { isGone: true } });
    expect(book.remove(EVE, undefined)).toEqual({ ok: true, value: { isGone: false } });
    expect(origins(book)).toEqual({ [ALICE]: "Configuration", [EVE]: "Log" });
    expect(kept).toEqual([]);
  });

  unit("changes nothing where it cannot be kept", () => {
    let isFull = false;
    const keep = (): void => {
      if (isFull) throw new Error("no room");
    };
    const book = createBook({ keep });
    book.add(BOB, PLACE);
    const before = book.entries();
    isFull = true;

    expect(() => book.add(EVE, PLACE)).toThrow("no room");
    expect(() => book.remove(BOB, undefined)).toThrow("no room");
    expect(book.entries()).toEqual(before);
  });
});
