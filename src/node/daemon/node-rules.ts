/** What a real node decides by, as its configuration says. */
import { challengeDurationMinSec } from "../../chain/chain-profile.ts";
import { appsOf } from "../../chain/deployed-apps.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { NodeView } from "../../engine/node-state.ts";
import { GUARANTEES_PER_PEER_MAX } from "../../engine/peer-limit.ts";
import type { Rules } from "../../engine/rules.ts";
import type { MessageLogApp } from "../../protocols/message-log-app.ts";
import type { Configuration } from "../config/configuration.ts";
import { profileOf } from "../config/configuration-checks.ts";
import type { Signer } from "../keystore/signer.ts";
import { goNitroPlaceOf } from "./go-nitro-way.ts";
import { nodePolicy } from "./node-policy.ts";
import type { PeerBook } from "./peer-book.ts";

/** What rules are made from. */
export type NodeRulesParts = {
  readonly configuration: Configuration;
  readonly deployment: Deployment;
  readonly signer: Signer;
  readonly book: PeerBook;
  /** Knows the reducers of games that no contract knows. */
  readonly judgeOf: MessageLogApp["judgeOf"];
  /** What the node knows; undefined while it starts. */
  readonly view: () => NodeView | undefined;
};

/** The rules of one life. */
export function nodeRules(parts: NodeRulesParts): Rules {
  const { book, configuration, deployment, signer, view } = parts;
  const { assets, disputeAfterSec, fee, goNitro, peers, policy } = configuration;
  const apps = appsOf(deployment, parts.judgeOf);
  const fees = new Map(peers.map((peer) => [peer.address, peer.fee ?? 0n]));
  return {
    me: signer.address,
    context: {
      sign: signer.signHash,
      recoverSigner: signatureBackend.recoverSigner,
      appOf: (app) => apps.get(app),
    },
    policy: nodePolicy(policy, view),
    isAssetAllowed: (asset) => assets.includes(asset),
    isReachable: (participant) => book.isKnown(participant),
    fee,
    guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
    // Nobody tells what is free in the ledgers of others: a route beyond one's own is named by its user.
    knownLedgers: () => [],
    feeOf: (intermediary) => fees.get(intermediary) ?? 0n,
    peers: () => book.addressBook.peers,
    isGoNitro: (peer) => goNitroPlaceOf(book, peer) !== undefined,
    challengeDurationMinSec: challengeDurationMinSec(profileOf(configuration)),
    ...(goNitro.durationMinSec === undefined
      ? {}
      : { goNitroDurationMinSec: goNitro.durationMinSec }),
    ...(disputeAfterSec === undefined ? {} : { disputeAfterMs: 1_000 * disputeAfterSec }),
  };
}
