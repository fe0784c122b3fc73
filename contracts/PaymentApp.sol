// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// Judges virtual payment channels: a Nitro ForceMove app for money that moves both ways, by vouchers,
/// between the first participant and the last. Every supported state can be reclaimed by the ledgers that
/// guarantee the channel: per asset, it has two allocations of the guarantee type.
///
/// Supported is a state that all signed, whatever its turn; or, after a unanimous postfund, its redemption:
/// the outcome that the best vouchers give. The turn of a redemption is 1 plus the counters of both
/// vouchers, so that a newer voucher outbids an older one, whoever shows it and in whichever order.
/// A voucher counts only with the receipt of who is paid by it. Otherwise who pays could outbid a true
/// voucher with one made for the purpose, of a high counter and a low amount.
///
/// What is refused is refused with a reason, one word, and nothing here reverts on its own account.
contract PaymentApp {
    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    // Structs of the Nitro interface, of which only the shape matters. Source: INitroTypes, ExitFormat.

    struct AssetMetadata {
        uint8 assetType;
        bytes metadata;
    }

    struct Allocation {
        bytes32 destination;
        uint256 amount;
        uint8 allocationType;
        bytes metadata;
    }

    struct SingleAssetExit {
        address asset;
        AssetMetadata assetMetadata;
        Allocation[] allocations;
    }

    struct FixedPart {
        address[] participants;
        uint64 channelNonce;
        address appDefinition;
        uint48 challengeDuration;
    }

    struct VariablePart {
        SingleAssetExit[] outcome;
        bytes appData;
        uint48 turnNum;
        bool isFinal;
    }

    struct RecoveredVariablePart {
        VariablePart variablePart;
        uint256 signedBy;
    }

    /// All that one end ever paid the other in this channel. The app data of a redemption is
    /// `abi.encode(left, right)`: left is paid by the first participant, right by the last.
    struct Voucher {
        /// Grows with every voucher of one direction. 0: there is no voucher, and all else is zero too.
        uint32 counter;
        /// Per asset of the outcome, since the channel opened.
        uint256[] amounts;
        /// Of who pays, over `keccak256(abi.encode(channelId, counter, amounts))`, the voucher's hash.
        Signature signature;
        /// Of who is paid, over `keccak256(abi.encode(voucherHash, "receipt"))`.
        Signature receipt;
    }

    /// The type of an allocation that can be reclaimed. Source: ExitFormat.AllocationType.
    uint8 private constant GUARANTEE = 2;

    /// The turn that all sign before the channel is used.
    uint48 private constant POSTFUND_TURN = 1;

    /// Half the order of secp256k1. A larger `s` is a malleated copy of a signature. Source: EIP-2.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// Words of an encoded voucher besides its amounts: eight fields, and the number of amounts.
    uint256 private constant VOUCHER_WORDS = 9;

    /// Source: IForceMoveApp.
    function stateIsSupported(
        FixedPart calldata fixedPart,
        RecoveredVariablePart[] calldata proof,
        RecoveredVariablePart calldata candidate
    ) external pure returns (bool, string memory) {
        string memory reason = _refusal(fixedPart, proof, candidate);
        return (_isEmpty(reason), reason);
    }

    /// Why the candidate is not supported; empty when it is. So do all that are named a refusal.
    function _refusal(
        FixedPart calldata fixedPart,
        RecoveredVariablePart[] calldata proof,
        RecoveredVariablePart calldata candidate
    ) private pure returns (string memory reason) {
        uint256 count = fixedPart.participants.length;
        if (count < 2 || count > 255) return "ParticipantCountOutOfRange";
        if (proof.length > 1) return "ProofTooLong";
        reason = _shapeRefusal(candidate.variablePart.outcome);
        if (!_isEmpty(reason)) return reason;
        if (proof.length == 0) return _isUnanimous(candidate, count) ? "" : "NotUnanimous";
        reason = _postfundRefusal(proof[0], count);
        if (!_isEmpty(reason)) return reason;
        return _redemptionRefusal(fixedPart, proof[0].variablePart.outcome, candidate);
    }

    function _shapeRefusal(SingleAssetExit[] calldata outcome) private pure returns (string memory) {
        if (outcome.length == 0) return "NoAsset";
        for (uint256 i = 0; i < outcome.length; i++) {
            Allocation[] calldata allocations = outcome[i].allocations;
            if (allocations.length != 2) return "NotTwoAllocations";
            bool left = allocations[0].allocationType == GUARANTEE;
            if (!left || allocations[1].allocationType != GUARANTEE) return "NotGuarantees";
        }
        return "";
    }

    function _postfundRefusal(
        RecoveredVariablePart calldata postfund,
        uint256 count
    ) private pure returns (string memory) {
        if (postfund.variablePart.turnNum != POSTFUND_TURN) return "ProofNotPostfund";
        if (postfund.variablePart.isFinal) return "ProofFinal";
        if (!_isUnanimous(postfund, count)) return "ProofNotUnanimous";
        return _shapeRefusal(postfund.variablePart.outcome);
    }

    function _redemptionRefusal(
        FixedPart calldata fixedPart,
        SingleAssetExit[] calldata funding,
        RecoveredVariablePart calldata candidate
    ) private pure returns (string memory reason) {
        VariablePart calldata redeemed = candidate.variablePart;
        if (redeemed.isFinal) return "RedemptionFinal";
        uint256 ends = 1 | (1 << (fixedPart.participants.length - 1));
        if (candidate.signedBy & ends == 0) return "NotSignedByAnEnd";
        reason = _keptRefusal(funding, redeemed.outcome);
        if (!_isEmpty(reason)) return reason;
        if (!_isCanonical(redeemed.appData, funding.length)) return "AppDataMalformed";
        (Voucher memory left, Voucher memory right) = abi.decode(
            redeemed.appData,
            (Voucher, Voucher)
        );
        uint256 counters = uint256(left.counter) + right.counter;
        if (counters == 0) return "NothingRedeemed";
        if (redeemed.turnNum != POSTFUND_TURN + counters) return "TurnWrong";
        reason = _amountsRefusal(funding, redeemed.outcome, left.amounts, right.amounts);
        if (!_isEmpty(reason)) return reason;
        return _vouchersRefusal(fixedPart, left, right);
    }

    /// A redemption changes the two amounts of each asset, and nothing else.
    function _keptRefusal(
        SingleAssetExit[] calldata funding,
        SingleAssetExit[] calldata redeemed
    ) private pure returns (string memory) {
        if (funding.length != redeemed.length) return "OutcomeChanged";
        for (uint256 i = 0; i < funding.length; i++) {
            bool sameAsset = funding[i].asset == redeemed[i].asset &&
                _sameMetadata(funding[i].assetMetadata, redeemed[i].assetMetadata);
            bool sameClaims = _sameClaim(funding[i].allocations[0], redeemed[i].allocations[0]) &&
                _sameClaim(funding[i].allocations[1], redeemed[i].allocations[1]);
            if (!sameAsset || !sameClaims) return "OutcomeChanged";
        }
        return "";
    }

    function _sameMetadata(
        AssetMetadata calldata one,
        AssetMetadata calldata other
    ) private pure returns (bool) {
        return
            one.assetType == other.assetType && keccak256(one.metadata) == keccak256(other.metadata);
    }

    /// Types need no look: all four are guarantees by now.
    function _sameClaim(
        Allocation calldata one,
        Allocation calldata other
    ) private pure returns (bool) {
        return
            one.destination == other.destination &&
            keccak256(one.metadata) == keccak256(other.metadata);
    }

    /// Per asset: each amount is what it was, less what its owner paid, plus what its owner was paid.
    function _amountsRefusal(
        SingleAssetExit[] calldata funding,
        SingleAssetExit[] calldata redeemed,
        uint256[] memory byLeft,
        uint256[] memory byRight
    ) private pure returns (string memory reason) {
        for (uint256 i = 0; i < funding.length; i++) {
            reason = _amountRefusal(
                funding[i].allocations,
                redeemed[i].allocations,
                byLeft[i],
                byRight[i]
            );
            if (!_isEmpty(reason)) return reason;
        }
    }

    /// Each sum and difference is looked at before it is made, so that none overflows.
    function _amountRefusal(
        Allocation[] calldata funding,
        Allocation[] calldata redeemed,
        uint256 byLeft,
        uint256 byRight
    ) private pure returns (string memory) {
        uint256 left = funding[0].amount;
        uint256 right = funding[1].amount;
        if (left > type(uint256).max - right) return "SumTooLarge";
        if (byLeft >= byRight) {
            uint256 paid = byLeft - byRight;
            if (paid > left) return "Overdrawn";
            (left, right) = (left - paid, right + paid);
        } else {
            uint256 paid = byRight - byLeft;
            if (paid > right) return "Overdrawn";
            (left, right) = (left + paid, right - paid);
        }
        bool exact = redeemed[0].amount == left && redeemed[1].amount == right;
        return exact ? "" : "AmountWrong";
    }

    function _vouchersRefusal(
        FixedPart calldata fixedPart,
        Voucher memory left,
        Voucher memory right
    ) private pure returns (string memory reason) {
        address first = fixedPart.participants[0];
        address last = fixedPart.participants[fixedPart.participants.length - 1];
        bytes32 channelId = _channelId(fixedPart);
        reason = _voucherRefusal(channelId, left, first, last);
        if (!_isEmpty(reason)) return reason;
        return _voucherRefusal(channelId, right, last, first);
    }

    function _voucherRefusal(
        bytes32 channelId,
        Voucher memory voucher,
        address payer,
        address payee
    ) private pure returns (string memory) {
        if (voucher.counter == 0) return "";
        bytes32 hash = keccak256(abi.encode(channelId, voucher.counter, voucher.amounts));
        if (!_isSignedBy(hash, voucher.signature, payer)) return "VoucherNotSigned";
        bytes32 receiptHash = keccak256(abi.encode(hash, "receipt"));
        return _isSignedBy(receiptHash, voucher.receipt, payee) ? "" : "VoucherNotReceipted";
    }

    function _isUnanimous(
        RecoveredVariablePart calldata state,
        uint256 count
    ) private pure returns (bool) {
        return state.signedBy == (1 << count) - 1;
    }

    /// Source: NitroUtils.getChannelId.
    function _channelId(FixedPart calldata fixedPart) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    fixedPart.participants,
                    fixedPart.channelNonce,
                    fixedPart.appDefinition,
                    fixedPart.challengeDuration
                )
            );
    }

    /// By an EIP-191 message of 32 bytes, as all else that participants sign.
    function _isSignedBy(
        bytes32 hash,
        Signature memory signature,
        address signer
    ) private pure returns (bool) {
        if (uint256(signature.s) > HALF_ORDER) return false;
        bytes32 digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash));
        address recovered = ecrecover(digest, signature.v, signature.r, signature.s);
        return recovered != address(0) && recovered == signer;
    }

    /// True when the app data is what `abi.encode` makes of two vouchers with one amount per asset: to the
    /// byte, so that decoding cannot revert, and two vouchers have one encoding. A missing one is zeros.
    function _isCanonical(bytes calldata appData, uint256 assets) private pure returns (bool) {
        uint256 words = VOUCHER_WORDS + assets;
        return
            appData.length == 32 * (2 + 2 * words) &&
            _word(appData, 0) == 32 * 2 &&
            _word(appData, 1) == 32 * (2 + words) &&
            _isCanonicalVoucher(appData, 2, assets) &&
            _isCanonicalVoucher(appData, 2 + words, assets);
    }

    function _isCanonicalVoucher(
        bytes calldata appData,
        uint256 at,
        uint256 assets
    ) private pure returns (bool) {
        uint256 counter = _word(appData, at);
        bool readable = counter <= type(uint32).max &&
            _word(appData, at + 1) == 32 * 8 &&
            _word(appData, at + 2) <= type(uint8).max &&
            _word(appData, at + 5) <= type(uint8).max &&
            _word(appData, at + 8) == assets;
        if (!readable || counter != 0) return readable;
        return _areZero(appData, at + 2, 6) && _areZero(appData, at + VOUCHER_WORDS, assets);
    }

    function _areZero(
        bytes calldata data,
        uint256 from,
        uint256 count
    ) private pure returns (bool) {
        for (uint256 i = from; i < from + count; i++) {
            if (_word(data, i) != 0) return false;
        }
        return true;
    }

    function _word(bytes calldata data, uint256 index) private pure returns (uint256) {
        return uint256(bytes32(data[32 * index:32 * (index + 1)]));
    }

    function _isEmpty(string memory reason) private pure returns (bool) {
        return bytes(reason).length == 0;
    }
}
