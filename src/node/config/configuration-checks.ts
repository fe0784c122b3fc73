/** What must hold between the settings of a node. */
import { type ChainProfile, ETHEREUM, LOCAL, OP_STACK } from "../../chain/chain-profile.ts";
import { LOCAL_CHAIN_IDS } from "../../chain/deployment.ts";
import { GO_NITRO_SCHEME } from "../../network/go-nitro/lines.ts";
import type { Configuration } from "./configuration.ts";

/** Where a setting comes from, in words that follow its key: "in node.json". */
type PlaceOf = (key: string) => string;

/** Gives what is wrong; nothing when all fits together. */
export function checkTogether(configuration: Configuration, placeOf: PlaceOf): readonly string[] {
  return [
    ...checkKey(configuration, placeOf),
    ...checkConfirmations(configuration, placeOf),
    ...checkWires(configuration, placeOf),
    ...checkGoNitroAuth(configuration, placeOf),
    ...checkTls(configuration, placeOf),
  ];
}

function checkKey({ key }: Configuration, placeOf: PlaceOf): readonly string[] {
  if (key.private === undefined && key.file === undefined) {
    return [
      'there is no key: make one by "channels node key new" and name it by --key-file or the environment variable CHANNELS_KEY_FILE, or put a key into the environment variable CHANNELS_KEY',
    ];
  }
  if (key.private !== undefined && key.file !== undefined) {
    return [
      `there are two keys, one ${placeOf("key.private")} and one by key.file ${placeOf("key.file")}: leave one out`,
    ];
  }
  if (key.file !== undefined && key.password === undefined && key.passwordFile === undefined) {
    return [
      `key.file ${placeOf("key.file")} needs a password: give --key-password-file, or set the environment variable CHANNELS_KEY_PASSWORD`,
    ];
  }
  return [];
}

/** Rollups of the OP stack with public endpoints: OP Mainnet, Base, and their test chains. Source: chainlist.org. */
const OP_STACK_CHAIN_IDS: readonly bigint[] = [10n, 8_453n, 11_155_420n, 84_532n];

/** The kind of the chain, with the confirmations that the configuration asks for. */
export function profileOf({ chain }: Pick<Configuration, "chain">): ChainProfile {
  const profile = kindOf(chain);
  const { confirmations } = chain;
  if (confirmations === undefined) return profile;
  return { ...profile, confirmation: { type: "Depth", blocks: confirmations } };
}

function kindOf({ id, profile }: Configuration["chain"]): ChainProfile {
  if (profile !== undefined)
    return { ethereum: ETHEREUM, "op-stack": OP_STACK, local: LOCAL }[profile];
  if (LOCAL_CHAIN_IDS.includes(id)) return LOCAL;
  return OP_STACK_CHAIN_IDS.includes(id) ? OP_STACK : ETHEREUM;
}

function checkConfirmations({ chain }: Configuration, placeOf: PlaceOf): readonly string[] {
  const { confirmations } = chain;
  if (confirmations === undefined) return [];
  const { confirmation, finality, name } = kindOf(chain);
  const where = `chain.confirmations, ${placeOf("chain.confirmations")}`;
  if (confirmation.type === "Tag") {
    return [
      `${where}: on a chain of the kind ${name} a block counts once it is ${confirmation.tag}; leave it out`,
    ];
  }
  const lowest = name === "local" ? 0 : confirmation.blocks;
  const isAllowed = confirmations >= lowest && confirmations <= finality.depthBlocks;
  if (isAllowed) return [];
  return [
    `${where}: on a chain of the kind ${name} write a number from ${lowest} to ${finality.depthBlocks}`,
  ];
}

function checkWires({ libp2p, listen, peers }: Configuration, placeOf: PlaceOf): readonly string[] {
  if (listen.libp2p !== undefined) return [];
  const wanted: string[] = (["mdns", "dht"] as const)
    .filter((name) => libp2p[name])
    .map((name) => `libp2p.${name}`);
  const places = peers.flatMap((peer) => peer.places);
  if (places.some((place) => place.startsWith(GO_NITRO_SCHEME))) wanted.push("peers");
  return wanted.map(
    (key) => `${key}, ${placeOf(key)}: it needs libp2p; set listen.libp2p, such as 127.0.0.1:3006`,
  );
}

/** Hosts that no other machine reaches. */
const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;

function checkGoNitroAuth({ api }: Configuration, placeOf: PlaceOf): readonly string[] {
  if (!api.goNitroAuth || api.listen === undefined || LOOPBACK.test(api.listen.host)) return [];
  return [
    `api.goNitroAuth, ${placeOf("api.goNitroAuth")}: it gives a token to anybody who asks, and api.listen ${placeOf("api.listen")} is ${api.listen.host}; listen at 127.0.0.1`,
  ];
}

function checkTls({ api }: Configuration, placeOf: PlaceOf): readonly string[] {
  const { tlsCertificate, tlsKey } = api;
  if ((tlsCertificate === undefined) === (tlsKey === undefined)) return [];
  const [given, missing] =
    tlsKey === undefined ? ["tlsCertificate", "tlsKey"] : ["tlsKey", "tlsCertificate"];
  return [`api.${given}, ${placeOf(`api.${given}`)}: it needs api.${missing} too`];
}
