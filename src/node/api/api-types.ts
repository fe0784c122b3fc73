/**
 * The methods of the API as a program sees them: names, parameters, results. Amounts are decimal text in the
 * asset's smallest unit, ids and addresses lower-case hex, times milliseconds since 1970. The schemas of the
 * server are checked against these types, and the client is made of them.
 */

/** An amount of one asset. */
export type AssetAmount = { readonly asset: string; readonly amount: string };

/** What this node and the others put into a channel, or have in it, of one asset. */
export type AssetShares = {
  readonly asset: string;
  readonly mine: string;
  readonly theirs: string;
};

/** What was paid by voucher in one asset. */
export type PaymentView = {
  readonly asset: string;
  readonly paid: string;
  readonly received: string;
  /** What this node can still pay, and what the other end can. */
  readonly remaining: string;
  readonly remainingOfOther: string;
};

/** One channel, as this node has it. */
export type ChannelView = {
  readonly channelId: string;
  readonly use: "Direct" | "MessageLog" | "Ledger" | "Virtual";
  readonly profile: "enforceable" | "go-nitro" | null;
  readonly phase: "Funding" | "Running" | "Closing" | "Finalized" | "Disputed" | "Concluded";
  readonly participants: readonly string[];
  readonly myIndex: number;
  readonly challengeDurationSec: number;
  readonly appDefinition: string;
  /** Of the newest state that all have signed; null before the first. */
  readonly turnNum: number | null;
  /** What each side has free of each asset: of a virtual channel, what it can still pay. */
  readonly balances: readonly AssetShares[];
  /** What the adjudicator holds for the channel. */
  readonly holdings: readonly AssetAmount[];
  /** Channels that a ledger channel funds. */
  readonly funds: readonly string[];
  /** Of a virtual channel, at its ends. */
  readonly payments: readonly PaymentView[];
  /** Of a virtual channel: what each intermediary gets, of the first asset. */
  readonly fees: readonly string[];
  /** Of a virtual channel: the ledger channels of this node that fund it. */
  readonly ledgers: readonly string[];
};

/** One objective, as this node has it. */
export type ObjectiveView = {
  readonly objectiveId: string;
  readonly channelId: string;
  readonly goal: string;
  readonly status: "Unapproved" | "Approved" | "Rejected" | "Completed";
  /** True when this node asked for it. */
  readonly isMine: boolean;
  /** What it waits for; `Nothing` once it is over. */
  readonly waitingFor: string;
  /** Why it was rejected. */
  readonly rejectionCode: string | null;
  readonly transactions: readonly { readonly effectId: string; readonly status: string }[];
};

/** Somebody in the address book. */
export type PeerView = {
  readonly address: string;
  readonly name: string | null;
  readonly places: readonly string[];
  readonly origin: "Configuration" | "Request" | "Log" | "Stranger";
  readonly connection: {
    readonly place: string;
    readonly connectedSinceMs: number;
    readonly roundTripMs: number | null;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly messagesIn: number;
    readonly messagesOut: number;
  } | null;
  readonly refusals: number;
};

/** One event of the log. Its fields are those of docs/EVENTS.md. */
export type EventView = {
  readonly offset: number;
  readonly timeMs: number;
  readonly hash: string;
  readonly contentId: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
};

/** The node itself. */
export type NodeView = {
  readonly address: string;
  readonly chainId: string;
  readonly version: string;
  readonly places: readonly string[];
  readonly contracts: Readonly<Record<string, string>>;
  readonly log: { readonly logId: string; readonly length: number; readonly hash: string };
  readonly live: boolean;
  readonly ready: boolean;
  readonly notReady: readonly string[];
  readonly channels: number;
  readonly openObjectives: number;
  readonly peers: number;
  readonly connectedPeers: number;
};

/** What an end of a virtual channel gives to the other, by whatever way. */
export type VoucherView = {
  readonly channelId: string;
  readonly counter: number;
  /** All that was ever paid in this direction, per asset of the channel. */
  readonly amounts: readonly string[];
  readonly signature: string;
  /** A voucher of the other direction that this one pays back, with its receipt. */
  readonly counted: {
    readonly counter: number;
    readonly amounts: readonly string[];
    readonly signature: string;
    readonly receipt: string;
  } | null;
};

/**
 * Asks for something once: a request with the key of an earlier one gets that one's answer, also after a restart
 * of the node. 1 to 128 characters. A refusal is not kept: nothing was done, and it may be asked for again.
 */
export type Once = { readonly idempotencyKey?: string | undefined };

/** A page of a list: what comes behind `cursor`, at most `limit`, 100 where absent. */
export type Page = { readonly cursor?: string | undefined; readonly limit?: number | undefined };

/** What follows from opening a channel. */
export type OpenedView = { readonly objectiveId: string; readonly channelId: string };

/** What follows from asking for anything else. */
export type AskedView = { readonly objectiveId: string };

/** What a payment comes to. */
export type PaidView = { readonly voucher: VoucherView; readonly payments: readonly PaymentView[] };

/** How a virtual channel is opened. */
export type OpenVirtualParams = Once & {
  readonly payee: string;
  readonly shares: readonly AssetShares[];
  /** The cheapest known route where absent. */
  readonly intermediaries?: readonly string[] | undefined;
  /** One for each intermediary, of the first asset; none gets anything where absent. */
  readonly fees?: readonly string[] | undefined;
  readonly ledgerId?: string | undefined;
  readonly profile?: "enforceable" | "go-nitro" | undefined;
  readonly challengeDurationSec?: number | undefined;
};

/** How a channel between two is opened. */
export type OpenParams = Once & {
  readonly peer: string;
  readonly shares: readonly AssetShares[];
  readonly challengeDurationSec?: number | undefined;
};

/** What an update changes: somebody is paid, or the outcome is replaced. */
export type ChangeParams =
  | {
      readonly type: "Pay";
      readonly asset: string;
      readonly amount: string;
      /** The participant; the other one of two where absent. */
      readonly to?: number | undefined;
    }
  | {
      readonly type: "Replace";
      readonly baseTurnNum: number;
      /** Per asset of the channel, what each participant has from then on. */
      readonly balances: readonly { readonly asset: string; readonly amounts: readonly string[] }[];
      readonly appData: string;
    };

/** Whose events are wanted: those of one channel, objective or peer; all where nothing is said. */
export type EventFilter = {
  readonly channelId?: string | undefined;
  readonly objectiveId?: string | undefined;
  readonly peer?: string | undefined;
};

/** A question in SQL about the tables that the messages of a channel come to. */
export type QueryParams = {
  readonly channelId: string;
  /** One `select`, `with` or `values`. `$1` in it is the first parameter. */
  readonly query: string;
  readonly parameters?: readonly (string | number | boolean | null)[] | undefined;
  /** The tables as they were after so many messages; as they are where absent. */
  readonly at?: number | undefined;
};

/** An answer. Integers of 64 bits and more are decimal text, bytes are hex. */
export type QueryAnswer = {
  /** Messages that the tables held. */
  readonly messages: number;
  /** Messages in the log. */
  readonly ofMessages: number;
  /** Names may come twice. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
};

type Nothing = Readonly<Record<string, never>>;

/** Every method of our own: `params` and `result`. go-nitro's are in `NitroMethods`. */
export type NodeMethods = {
  readonly "rpc.discover": { readonly params: Nothing; readonly result: unknown };
  readonly session_authenticate: {
    readonly params: { readonly token: string };
    readonly result: { readonly scopes: readonly ("read" | "pay" | "manage")[] };
  };
  readonly node_info: { readonly params: Nothing; readonly result: NodeView };
  readonly peers_list: {
    readonly params: Nothing;
    readonly result: { readonly peers: readonly PeerView[] };
  };
  readonly peers_add: {
    readonly params: { readonly address: string; readonly place?: string | undefined };
    readonly result: { readonly added: boolean };
  };
  readonly peers_remove: {
    readonly params: { readonly address: string; readonly place?: string | undefined };
    readonly result: { readonly removed: boolean };
  };
  readonly channels_list: {
    readonly params: Page & {
      readonly use?: ChannelView["use"] | undefined;
      readonly phase?: ChannelView["phase"] | undefined;
      readonly peer?: string | undefined;
      readonly offset?: number | undefined;
    };
    readonly result: {
      readonly channels: readonly ChannelView[];
      /** Asks for the next page; null on the last one. */
      readonly next: string | null;
    };
  };
  readonly channels_get: {
    readonly params: { readonly channelId: string; readonly offset?: number | undefined };
    readonly result: ChannelView;
  };
  readonly channels_open_direct: { readonly params: OpenParams; readonly result: OpenedView };
  readonly channels_open_ledger: {
    readonly params: OpenParams & { readonly profile?: "enforceable" | "go-nitro" | undefined };
    readonly result: OpenedView;
  };
  readonly channels_open_virtual: {
    readonly params: OpenVirtualParams;
    readonly result: OpenedView;
  };
  readonly channels_update: {
    readonly params: Once & { readonly channelId: string; readonly change: ChangeParams };
    readonly result: AskedView;
  };
  readonly channels_close: {
    readonly params: Once & { readonly channelId: string };
    readonly result: AskedView;
  };
  readonly channels_dispute: {
    readonly params: Once & { readonly channelId: string };
    readonly result: AskedView;
  };
  readonly channels_top_up: {
    readonly params: Once & AssetAmount & { readonly channelId: string };
    readonly result: AskedView;
  };
  readonly channels_withdraw: {
    readonly params: Once & {
      readonly channelId: string;
      readonly amounts: readonly AssetShares[];
    };
    readonly result: AskedView;
  };
  readonly fees_list: {
    readonly params: Page;
    readonly result: {
      readonly fees: readonly {
        readonly channelId: string;
        readonly asset: string;
        /** What this node gets as an intermediary. */
        readonly earned: string;
        /** What it gives to intermediaries as the first participant. */
        readonly given: string;
      }[];
      readonly next: string | null;
    };
  };
  readonly objectives_list: {
    readonly params: Page & { readonly open?: boolean | undefined };
    readonly result: {
      readonly objectives: readonly ObjectiveView[];
      readonly next: string | null;
    };
  };
  readonly objectives_get: {
    readonly params: { readonly objectiveId: string; readonly offset?: number | undefined };
    readonly result: ObjectiveView;
  };
  readonly objectives_wait: {
    readonly params: { readonly objectiveId: string; readonly timeoutMs?: number | undefined };
    readonly result: ObjectiveView;
  };
  readonly payments_pay: {
    readonly params: Once & {
      readonly channelId: string;
      readonly amount: string;
      readonly asset?: string | undefined;
    };
    readonly result: PaidView;
  };
  readonly vouchers_create: {
    readonly params: Once & {
      readonly channelId: string;
      readonly amount: string;
      readonly asset?: string | undefined;
    };
    readonly result: PaidView;
  };
  readonly vouchers_newest: {
    readonly params: { readonly channelId: string };
    /** Null before the first payment. */
    readonly result: { readonly voucher: VoucherView | null };
  };
  readonly vouchers_receive: {
    readonly params: VoucherView;
    readonly result: { readonly total: readonly string[]; readonly delta: readonly string[] };
  };
  readonly channels_query: {
    readonly params: QueryParams;
    readonly result: QueryAnswer;
  };
  readonly events_list: {
    readonly params: EventFilter & {
      readonly from?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly result: {
      readonly events: readonly EventView[];
      /** The offset at which the next page begins. */
      readonly next: number;
      /** Events in the log. */
      readonly length: number;
    };
  };
  readonly events_subscribe: {
    readonly params: EventFilter & { readonly from?: number | undefined };
    readonly result: { readonly subscription: number; readonly from: number };
  };
  readonly events_unsubscribe: {
    readonly params: { readonly subscription: number };
    readonly result: { readonly ended: boolean };
  };
};

/** What a node says by itself over a WebSocket. */
export type NodeNotification = {
  readonly method: "events_event";
  readonly params: { readonly subscription: number; readonly event: EventView };
};
