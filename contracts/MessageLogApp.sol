// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// Judges channels of two players whose states carry an ordered log of messages: a Nitro ForceMove app.
///
/// Supported is a state that all participants signed, whatever its turn. Where a state before it is shown, its log
/// only grows from there and its outcome pays the same sums to the same places.
///
/// An app that knows the rules of its game, its twin, supports moves as well: a state of the mover alone, on
/// top of one that the other has signed. Its messages are all the mover's, what the twin keeps of the game is
/// the former with these messages played, and its outcome is what the twin says, which pays as if the next
/// mover stayed silent.
///
/// The players are the first participant and the last. Those between them, of a virtual channel, guarantee its
/// money in their ledgers and sign none of its moves: there each step is shown behind the postfund that all have
/// signed, whose sums it keeps, and pays into guarantees alone, which nobody can take out of the channel itself.
///
/// What is refused is refused with a reason, one word; only app data that cannot be read reverts.
abstract contract MessageLogApp {
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

    struct Message {
        string messageType;
        bytes payload;
        uint64 timeMs;
    }

    /// The app data is `abi.encode` of these, one after the other.
    struct Log {
        uint64 count;
        bytes32 runningHash;
        bytes32 reducerId;
        /// What the twin keeps: the game, then what the first participant brought in, a word for each asset.
        bytes twinState;
        Message[] messages;
    }

    /// Whoever has to move when the game is over, and whoever wins when all get back what they brought.
    uint256 internal constant NOBODY = 2;

    uint256 private constant BOTH = 3;
    uint48 private constant POSTFUND_TURN = 1;

    /// `signedBy` has a bit for each.
    uint256 private constant PARTICIPANTS_MAX = 255;

    /// Source: ExitFormat.AllocationType.
    uint8 private constant GUARANTEE = 2;

    // Limits. Source: src/channel/message-log.ts.

    uint256 private constant APP_DATA_BYTES_MAX = 4096;
    uint256 private constant TWIN_STATE_BYTES_MAX = 1024;
    uint256 private constant MESSAGES_MAX = 8;
    uint256 private constant TYPE_BYTES_MAX = 64;
    uint256 private constant PAYLOAD_BYTES_MAX = 1024;
    uint64 private constant NUMBER_MAX = 2 ** 53 - 1;

    /// Bytes that the twin keeps of a game besides the stakes; 0 when there is no twin.
    function _gameBytes() internal pure virtual returns (uint256);

    /// Who has to move, or NOBODY.
    function _mover(bytes memory game) internal pure virtual returns (uint256);

    /// Plays one message by changing the game in place, or tells in a word why not.
    function _play(
        bytes32 channelId,
        bytes memory game,
        uint256 sender,
        Message memory message
    ) internal pure virtual returns (string memory);

    /// Who gets all if nobody moves any more, or NOBODY.
    function _winner(bytes memory game) internal pure virtual returns (uint256);

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
        if (count < 2 || count > PARTICIPANTS_MAX) return "ParticipantCountOutOfRange";
        if (proof.length > (count == 2 ? 1 : 2)) return "ProofTooLong";
        if (count > 2) {
            reason = _virtualRefusal(count, proof, candidate);
            if (!_isEmpty(reason)) return reason;
        }
        if (proof.length == 0) return _isUnanimous(candidate, count) ? "" : "NotUnanimous";
        RecoveredVariablePart calldata proven = proof[proof.length - 1];
        VariablePart calldata before = proven.variablePart;
        VariablePart calldata afterwards = candidate.variablePart;
        if (afterwards.turnNum == 0 || afterwards.turnNum - 1 != before.turnNum) return "TurnWrong";
        if (before.isFinal) return "ProofFinal";
        reason = _keptRefusal(before.outcome, afterwards.outcome);
        if (!_isEmpty(reason)) return reason;
        return _stepRefusal(fixedPart, proven, candidate);
    }

    /// What holds of a virtual channel besides: guarantees alone, behind a postfund of all where a step is shown. The
    /// state below the candidate keeps its sums; that the candidate keeps those of the state below is looked at later.
    function _virtualRefusal(
        uint256 count,
        RecoveredVariablePart[] calldata proof,
        RecoveredVariablePart calldata candidate
    ) private pure returns (string memory reason) {
        reason = _shapeRefusal(candidate.variablePart.outcome);
        if (!_isEmpty(reason) || proof.length == 0) return reason;
        if (candidate.variablePart.isFinal) return "StepFinal";
        VariablePart calldata postfund = proof[0].variablePart;
        if (postfund.turnNum != POSTFUND_TURN) return "ProofNotPostfund";
        if (postfund.isFinal) return "ProofFinal";
        if (!_isUnanimous(proof[0], count)) return "ProofNotUnanimous";
        reason = _shapeRefusal(postfund.outcome);
        if (!_isEmpty(reason) || proof.length == 1) return reason;
        if (proof[1].variablePart.turnNum <= POSTFUND_TURN) return "ProofTooEarly";
        return _keptRefusal(postfund.outcome, proof[1].variablePart.outcome);
    }

    function _shapeRefusal(SingleAssetExit[] calldata outcome) private pure returns (string memory) {
        if (outcome.length == 0) return "NoAsset";
        for (uint256 i = 0; i < outcome.length; i++) {
            Allocation[] calldata claims = outcome[i].allocations;
            if (claims.length != 2) return "NotTwoAllocations";
            bool guarantees = claims[0].allocationType == GUARANTEE &&
                claims[1].allocationType == GUARANTEE;
            if (!guarantees) return "NotGuarantees";
        }
        return "";
    }

    function _isUnanimous(
        RecoveredVariablePart calldata state,
        uint256 count
    ) private pure returns (bool) {
        return state.signedBy == (1 << count) - 1;
    }

    /// Bit 0 for the first player, bit 1 for the second.
    function _players(uint256 signedBy, uint256 count) private pure returns (uint256) {
        return (signedBy & 1) | (((signedBy >> (count - 1)) & 1) << 1);
    }

    /// A step changes amounts, and no sum of an asset.
    function _keptRefusal(
        SingleAssetExit[] calldata before,
        SingleAssetExit[] calldata afterwards
    ) private pure returns (string memory reason) {
        if (before.length != afterwards.length) return "OutcomeChanged";
        for (uint256 i = 0; i < before.length; i++) {
            if (before[i].asset != afterwards[i].asset) return "OutcomeChanged";
            if (!_sameMetadata(before[i].assetMetadata, afterwards[i].assetMetadata)) {
                return "OutcomeChanged";
            }
            reason = _claimsRefusal(before[i].allocations, afterwards[i].allocations);
            if (!_isEmpty(reason)) return reason;
        }
    }

    function _sameMetadata(
        AssetMetadata calldata one,
        AssetMetadata calldata other
    ) private pure returns (bool) {
        return
            one.assetType == other.assetType && keccak256(one.metadata) == keccak256(other.metadata);
    }

    function _claimsRefusal(
        Allocation[] calldata before,
        Allocation[] calldata afterwards
    ) private pure returns (string memory) {
        if (before.length != afterwards.length) return "OutcomeChanged";
        uint256 sumBefore = 0;
        uint256 sum = 0;
        for (uint256 i = 0; i < before.length; i++) {
            bool sameClaim = before[i].destination == afterwards[i].destination &&
                before[i].allocationType == afterwards[i].allocationType &&
                keccak256(before[i].metadata) == keccak256(afterwards[i].metadata);
            if (!sameClaim) return "OutcomeChanged";
            if (before[i].amount > type(uint256).max - sumBefore) return "SumTooLarge";
            if (afterwards[i].amount > type(uint256).max - sum) return "SumTooLarge";
            sumBefore += before[i].amount;
            sum += afterwards[i].amount;
        }
        return sumBefore == sum ? "" : "SumChanged";
    }

    function _stepRefusal(
        FixedPart calldata fixedPart,
        RecoveredVariablePart calldata proof,
        RecoveredVariablePart calldata candidate
    ) private pure returns (string memory reason) {
        bytes32 channelId = _channelId(fixedPart);
        Log memory before;
        Log memory log;
        (reason, before) = _readLog(proof.variablePart.appData);
        if (!_isEmpty(reason)) return reason;
        (reason, log) = _readLog(candidate.variablePart.appData);
        if (!_isEmpty(reason)) return reason;
        uint256 mover = candidate.variablePart.turnNum % 2;
        if (_gameBytes() > 0) {
            uint256 size = _gameBytes() + 32 * proof.variablePart.outcome.length;
            if (before.twinState.length != size) return "TwinStateMalformed";
            mover = _mover(before.twinState);
        }
        if (mover == NOBODY && log.messages.length > 0) return "GameOver";
        reason = _growthRefusal(channelId, candidate.variablePart.turnNum, before, log, mover);
        if (!_isEmpty(reason)) return reason;
        uint256 signers = _players(candidate.signedBy, fixedPart.participants.length);
        if (signers == BOTH) return "";
        if (_gameBytes() == 0) return "NotUnanimous";
        reason = _signersRefusal(
            proof.variablePart.turnNum,
            _players(proof.signedBy, fixedPart.participants.length),
            candidate.variablePart.isFinal,
            signers,
            mover
        );
        if (!_isEmpty(reason)) return reason;
        reason = _gameRefusal(channelId, before.twinState, log, mover);
        if (!_isEmpty(reason)) return reason;
        return _payoutRefusal(candidate.variablePart.outcome, log.twinState);
    }

    /// The log only grows, and by what is shown.
    function _growthRefusal(
        bytes32 channelId,
        uint256 turnNum,
        Log memory before,
        Log memory log,
        uint256 sender
    ) private pure returns (string memory) {
        if (log.reducerId != before.reducerId) return "ReducerChanged";
        if (log.count != before.count + log.messages.length) return "CountWrong";
        bytes32 hash = before.runningHash;
        for (uint256 i = 0; i < log.messages.length; i++) {
            Message memory message = log.messages[i];
            bytes32 id = keccak256(
                abi.encode(channelId, turnNum, i, message.messageType, message.payload)
            );
            hash = keccak256(abi.encode(hash, id, sender, message.timeMs));
        }
        return hash == log.runningHash ? "" : "HashWrong";
    }

    /// Each of the two has signed one of the two states, so that neither is bound by what only the other said.
    function _signersRefusal(
        uint48 turnBefore,
        uint256 signersBefore,
        bool isFinal,
        uint256 signers,
        uint256 mover
    ) private pure returns (string memory) {
        if (turnBefore < POSTFUND_TURN) return "ProofBeforePostfund";
        if (isFinal) return "MoveFinal";
        if (mover == NOBODY) return "GameOver";
        if (signers & (1 << mover) == 0) return "NotSignedByMover";
        if (signersBefore & (1 << (1 - mover)) == 0) return "ProofNotSigned";
        return "";
    }

    /// Plays the messages in `game`, which is changed by it.
    function _gameRefusal(
        bytes32 channelId,
        bytes memory game,
        Log memory log,
        uint256 mover
    ) private pure returns (string memory reason) {
        if (log.messages.length == 0) return "NothingPlayed";
        for (uint256 i = 0; i < log.messages.length; i++) {
            reason = _play(channelId, game, mover, log.messages[i]);
            if (!_isEmpty(reason)) return reason;
        }
        if (keccak256(game) != keccak256(log.twinState)) return "TwinStateWrong";
        return _mover(game) == mover ? "TurnNotEnded" : "";
    }

    /// Per asset: all to the winner, or to each what they brought in.
    function _payoutRefusal(
        SingleAssetExit[] calldata outcome,
        bytes memory game
    ) private pure returns (string memory) {
        uint256 winner = _winner(game);
        for (uint256 i = 0; i < outcome.length; i++) {
            Allocation[] calldata claims = outcome[i].allocations;
            if (claims.length != 2) return "NotTwoAllocations";
            // It was found above that the sum is no larger than a word.
            uint256 sum = claims[0].amount + claims[1].amount;
            uint256 first = winner == 0 ? sum : winner == 1 ? 0 : _stake(game, i);
            if (claims[0].amount != first) return "AmountWrong";
        }
        return "";
    }

    function _stake(bytes memory twinState, uint256 asset) private pure returns (uint256 stake) {
        uint256 at = 32 + _gameBytes() + 32 * asset;
        assembly {
            stake := mload(add(twinState, at))
        }
    }

    /// Reverts where the data cannot be read at all.
    function _readLog(
        bytes calldata appData
    ) private pure returns (string memory reason, Log memory log) {
        if (appData.length > APP_DATA_BYTES_MAX) return ("AppDataTooLarge", log);
        (log.count, log.runningHash, log.reducerId, log.twinState, log.messages) = abi.decode(
            appData,
            (uint64, bytes32, bytes32, bytes, Message[])
        );
        bytes memory again = abi.encode(
            log.count,
            log.runningHash,
            log.reducerId,
            log.twinState,
            log.messages
        );
        reason = keccak256(again) == keccak256(appData) ? _limitsRefusal(log) : "AppDataMalformed";
    }

    function _limitsRefusal(Log memory log) private pure returns (string memory) {
        if (log.count > NUMBER_MAX) return "CountOutOfRange";
        if (log.twinState.length > TWIN_STATE_BYTES_MAX) return "TwinStateTooLarge";
        if (log.messages.length > MESSAGES_MAX) return "TooManyMessages";
        for (uint256 i = 0; i < log.messages.length; i++) {
            Message memory message = log.messages[i];
            if (!_isType(bytes(message.messageType))) return "MessageTypeInvalid";
            if (message.payload.length > PAYLOAD_BYTES_MAX) return "PayloadTooLarge";
            if (message.timeMs > NUMBER_MAX) return "TimeOutOfRange";
        }
        return "";
    }

    /// Printable characters of ASCII.
    function _isType(bytes memory text) private pure returns (bool) {
        if (text.length == 0 || text.length > TYPE_BYTES_MAX) return false;
        for (uint256 i = 0; i < text.length; i++) {
            if (text[i] < 0x20 || text[i] > 0x7e) return false;
        }
        return true;
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

    function _is(string memory one, string memory other) internal pure returns (bool) {
        return keccak256(bytes(one)) == keccak256(bytes(other));
    }

    function _isEmpty(string memory reason) private pure returns (bool) {
        return bytes(reason).length == 0;
    }
}
