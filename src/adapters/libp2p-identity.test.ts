/** The channel key is the peer id, and the peer id proves the address. */
import { describe, expect } from "bun:test";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { golden, unit } from "../../test/kind.ts";
import { testIdentity } from "../../test/libp2p-identities.ts";
import { fromHex, toHex } from "../primitives/hex.ts";
import { addressOfPeer, libp2pKeyOf, parsePeerId, withChecksum } from "./libp2p-identity.ts";
import { isLibp2pPlace, parseLibp2pPlace } from "./libp2p-place.ts";

const identity = testIdentity(1);

describe("libp2pKeyOf", () => {
  golden("is the key of libp2p's own specification", () => {
    // Source: libp2p, specs/peer-ids, test vectors for secp256k1.
    const key = libp2pKeyOf({
      ...identity,
      privateKey: fromHex("0x53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb"),
    });

    expect(toHex(key.publicKey.raw)).toBe(
      "0x037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99",
    );
  });
});

describe("addressOfPeer", () => {
  unit("is the address of the channel key", () => {
    for (const number of [1, 2, 77]) {
      const one = testIdentity(number);
      const peerId = peerIdFromPrivateKey(libp2pKeyOf(one));

      expect(addressOfPeer(peerId, one)).toBe(one.address);
      expect(addressOfPeer(parsePeerId(peerId.toString()) ?? peerId, one)).toBe(one.address);
    }
  });

  unit("is nothing for a peer whose key is of another kind", () => {
    const other = parsePeerId("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

    expect(other?.type).toBe("Ed25519");
    expect(other && addressOfPeer(other, identity)).toBeUndefined();
  });
});

describe("withChecksum", () => {
  golden("writes the capitals of EIP-55", () => {
    const addresses = [
      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
      "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
      "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
      "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] as const;

    const written = addresses.map((text) =>
      withChecksum(text.toLowerCase() as `0x${string}`, identity),
    );

    expect(written).toEqual([...addresses]);
  });
});

describe("parseLibp2pPlace", () => {
  const id = peerIdFromPrivateKey(libp2pKeyOf(identity)).toString();

  unit("reads addresses of TCP that end in a peer id, and a peer id alone", () => {
    const texts = [
      `/ip4/127.0.0.1/tcp/80/p2p/${id}`,
      `/ip6/::1/tcp/80/p2p/${id}`,
      `/dns4/node.example.org/tcp/80/p2p/${id}`,
    ];

    expect(texts.map((text) => parseLibp2pPlace(text)?.toString())).toEqual(texts);
    expect(parseLibp2pPlace(`/p2p/${id}`)?.toString()).toBe(id);
  });

  unit("reads nothing else", () => {
    const texts = [
      "",
      "/",
      "tcp://127.0.0.1:80",
      "/ip4/127.0.0.1/tcp/80",
      `/ip4/127.0.0.1/udp/80/p2p/${id}`,
      `/ip4/127.0.0.1/tcp/80/p2p/${id}/p2p-circuit`,
      `/ip4/300.0.0.1/tcp/80/p2p/${id}`,
      "/ip4/127.0.0.1/tcp/80/p2p/abc",
      "/p2p/abc",
      `/dns4/${"a".repeat(600)}/tcp/80/p2p/${id}`,
    ];

    expect(texts.filter((text) => parseLibp2pPlace(text) !== undefined)).toEqual([]);
    expect(texts.slice(0, 6).filter(isLibp2pPlace)).toEqual([]);
  });
});
