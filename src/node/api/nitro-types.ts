/**
 * go-nitro's methods as its clients see them. The names are its own, capitals included; integers of any size are
 * bare numbers. Source: go-nitro, rpc/serde/jsonrpc.go, node/query/types.go, packages/nitro-rpc-client/src/types.ts.
 */

/** A number on the wire; a big integer where it has more digits than a double keeps. */
export type WireInteger = number | bigint;

/** go-nitro's outcome. Metadata is base64, or null. */
export type NitroOutcome = readonly {
  readonly Asset: string;
  readonly AssetMetadata: {
    readonly AssetType: number;
    readonly Metadata?: string | null | undefined;
  };
  readonly Allocations: readonly {
    readonly Destination: string;
    readonly Amount: WireInteger;
    readonly AllocationType: number;
    readonly Metadata?: string | null | undefined;
  }[];
}[];

/** How far a channel is, in go-nitro's words. */
export type NitroStatus = "Proposed" | "Open" | "Closing" | "Complete";

/** A ledger channel. Amounts are hex. */
export type NitroLedger = {
  readonly ID: string;
  readonly Status: NitroStatus;
  readonly Balance: {
    readonly AssetAddress: string;
    readonly Me: string;
    readonly Them: string;
    readonly MyBalance: string;
    readonly TheirBalance: string;
  };
};

/** A payment channel. Amounts are hex. */
export type NitroPayment = {
  readonly ID: string;
  readonly Status: NitroStatus;
  readonly Balance: {
    readonly AssetAddress: string;
    readonly Payee: string;
    readonly Payer: string;
    readonly PaidSoFar: string;
    readonly RemainingFunds: string;
  };
};

/** A voucher. `Counter` is ours: a voucher of the enforceable profile counts; found by trying where absent. */
export type NitroVoucher = {
  readonly ChannelId: string;
  readonly Amount: WireInteger;
  readonly Signature: string;
};

type Nothing = Readonly<Record<string, unknown>>;
type Opened = { readonly Id: string; readonly ChannelId: string };
type Pay = { readonly Amount: WireInteger; readonly Channel: string };

/** Every method of go-nitro: `params` is its `payload`. */
export type NitroMethods = {
  readonly get_auth_token: {
    readonly params: { readonly Id?: string | undefined };
    readonly result: string;
  };
  readonly get_address: { readonly params: Nothing; readonly result: string };
  readonly version: { readonly params: Nothing; readonly result: string };
  readonly create_ledger_channel: {
    readonly params: {
      readonly CounterParty: string;
      readonly ChallengeDuration: number;
      readonly Outcome: NitroOutcome;
    };
    readonly result: Opened;
  };
  readonly close_ledger_channel: {
    readonly params: { readonly ChannelId: string };
    readonly result: string;
  };
  readonly create_payment_channel: {
    readonly params: {
      readonly Intermediaries?: readonly string[] | null | undefined;
      readonly CounterParty: string;
      readonly ChallengeDuration: number;
      readonly Outcome: NitroOutcome;
    };
    readonly result: Opened;
  };
  readonly close_payment_channel: {
    readonly params: { readonly ChannelId: string };
    readonly result: string;
  };
  readonly pay: { readonly params: Pay; readonly result: Pay };
  readonly create_voucher: { readonly params: Pay; readonly result: NitroVoucher };
  readonly receive_voucher: {
    readonly params: NitroVoucher & { readonly Counter?: number | undefined };
    readonly result: {
      readonly Total: WireInteger | string;
      readonly Delta: WireInteger | string;
    };
  };
  readonly get_payment_channel: {
    readonly params: { readonly Id: string };
    readonly result: NitroPayment;
  };
  readonly get_ledger_channel: {
    readonly params: { readonly Id: string };
    readonly result: NitroLedger;
  };
  readonly get_payment_channels_by_ledger: {
    readonly params: { readonly LedgerId: string };
    readonly result: readonly NitroPayment[];
  };
  readonly get_all_ledger_channels: {
    readonly params: Nothing;
    readonly result: readonly NitroLedger[];
  };
};
