// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import './MessageLogApp.sol';

/// The twin of the reducer reducers/rock-paper-scissors: the same moves, refused by the same words.
///
/// The game, byte by byte: wins that decide, wins of each, round, phase, what was played in the open; then the
/// commitment, 32 bytes.
contract RockPaperScissors is MessageLogApp {
    uint256 private constant WINS_TO_DECIDE = 0;
    uint256 private constant WINS = 1;
    uint256 private constant ROUND = 3;
    uint256 private constant PHASE = 4;
    uint256 private constant PLAYED = 5;
    uint256 private constant COMMITMENT = 6;

    uint8 private constant COMMIT = 0;
    uint8 private constant PLAY = 1;
    uint8 private constant REVEAL = 2;
    uint8 private constant OVER = 3;

    uint8 private constant ROUNDS_MAX = 100;
    uint8 private constant CHOICES = 3;

    function _gameBytes() internal pure override returns (uint256) {
        return 38;
    }

    /// The players change places after each round.
    function _mover(bytes memory game) internal pure override returns (uint256) {
        uint8 phase = uint8(game[PHASE]);
        if (phase >= OVER) return NOBODY;
        uint256 committer = uint8(game[ROUND]) % 2;
        return phase == PLAY ? 1 - committer : committer;
    }

    /// Before the first move nobody has lost; after it, who stays silent has.
    function _winner(bytes memory game) internal pure override returns (uint256) {
        uint8 phase = uint8(game[PHASE]);
        if (phase < OVER) {
            bool isNew = phase == COMMIT && game[ROUND] == 0;
            return isNew ? NOBODY : 1 - _mover(game);
        }
        if (game[WINS] >= game[WINS_TO_DECIDE]) return 0;
        return game[WINS + 1] >= game[WINS_TO_DECIDE] ? 1 : NOBODY;
    }

    function _play(
        bytes32 channelId,
        bytes memory game,
        uint256 sender,
        Message memory message
    ) internal pure override returns (string memory) {
        uint256 mover = _mover(game);
        if (mover == NOBODY) return "GameOver";
        if (sender != mover) return "NotYourTurn";
        if (_is(message.messageType, "commit")) return _commit(game, message.payload);
        if (_is(message.messageType, "play")) return _answer(game, message.payload);
        if (_is(message.messageType, "reveal")) return _reveal(channelId, game, message.payload);
        return "UnknownMessage";
    }

    function _commit(
        bytes memory game,
        bytes memory payload
    ) private pure returns (string memory) {
        if (uint8(game[PHASE]) != COMMIT) return "NotNow";
        if (payload.length != 32) return "MalformedPayload";
        for (uint256 i = 0; i < 32; i++) game[COMMITMENT + i] = payload[i];
        game[PHASE] = bytes1(PLAY);
        return "";
    }

    function _answer(
        bytes memory game,
        bytes memory payload
    ) private pure returns (string memory) {
        if (uint8(game[PHASE]) != PLAY) return "NotNow";
        if (payload.length != 1) return "MalformedPayload";
        if (uint8(payload[0]) >= CHOICES) return "NoSuchChoice";
        game[PLAYED] = payload[0];
        game[PHASE] = bytes1(REVEAL);
        return "";
    }

    function _reveal(
        bytes32 channelId,
        bytes memory game,
        bytes memory payload
    ) private pure returns (string memory) {
        if (uint8(game[PHASE]) != REVEAL) return "NotNow";
        if (payload.length != 33) return "MalformedPayload";
        if (uint8(payload[0]) >= CHOICES) return "NoSuchChoice";
        uint8 committer = uint8(game[ROUND]) % 2;
        // It holds channel and player: nobody can repeat the commitment of another.
        bytes32 commitment = keccak256(abi.encodePacked(channelId, committer, payload));
        for (uint256 i = 0; i < 32; i++) {
            if (game[COMMITMENT + i] != commitment[i]) return "NotWhatWasCommitted";
        }
        _decide(game, uint8(payload[0]), committer);
        return "";
    }

    /// Paper beats rock, scissors beat paper, rock beats scissors: each beats the one before it.
    function _decide(bytes memory game, uint8 committed, uint8 committer) private pure {
        uint8 lead = (CHOICES + committed - uint8(game[PLAYED])) % CHOICES;
        bool isDecided = false;
        if (lead != 0) {
            uint256 place = WINS + (lead == 1 ? committer : 1 - committer);
            game[place] = bytes1(uint8(game[place]) + 1);
            isDecided = game[place] >= game[WINS_TO_DECIDE];
        }
        uint8 round = uint8(game[ROUND]) + 1;
        game[ROUND] = bytes1(round);
        game[PHASE] = bytes1(isDecided || round == ROUNDS_MAX ? OVER : COMMIT);
    }
}
