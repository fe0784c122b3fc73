// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import './MessageLogApp.sol';

/// The twin of the reducer reducers/tactics: the same moves, refused by the same words.
///
/// On a board of 6 by 6, each side has a knight, an archer and a scout. In a turn, a player moves one unit, or
/// leaves it where it is, and may then strike an enemy within its range. Who has no unit left has lost; after
/// 60 turns nobody has won.
///
/// The game, byte by byte: the turn; then column, row and hit points of each unit, the first player's three first.
contract Tactics is MessageLogApp {
    uint256 private constant UNITS = 6;
    uint256 private constant SIDE_UNITS = 3;
    uint8 private constant BOARD = 6;
    uint8 private constant TURNS_MAX = 60;
    uint8 private constant NO_TARGET = 255;

    /// By kind: a knight, an archer, a scout.
    bytes3 private constant MOVEMENT = hex"020204";
    bytes3 private constant RANGE = hex"010301";
    bytes3 private constant DAMAGE = hex"020101";

    function _gameBytes() internal pure override returns (uint256) {
        return 1 + 3 * UNITS;
    }

    function _mover(bytes memory game) internal pure override returns (uint256) {
        uint8 turn = uint8(game[0]);
        bool isOver = turn >= TURNS_MAX || !_lives(game, 0) || !_lives(game, 1);
        return isOver ? NOBODY : turn % 2;
    }

    /// Before the first move nobody has lost; after it, who stays silent has.
    function _winner(bytes memory game) internal pure override returns (uint256) {
        if (!_lives(game, 1)) return 0;
        if (!_lives(game, 0)) return 1;
        uint256 mover = _mover(game);
        return mover == NOBODY || game[0] == 0 ? NOBODY : 1 - mover;
    }

    function _play(
        bytes32,
        bytes memory game,
        uint256 sender,
        Message memory message
    ) internal pure override returns (string memory reason) {
        uint256 mover = _mover(game);
        if (mover == NOBODY) return "GameOver";
        if (sender != mover) return "NotYourTurn";
        if (!_is(message.messageType, "act")) return "UnknownMessage";
        bytes memory order = message.payload;
        if (order.length != 4) return "MalformedPayload";
        uint256 unit = uint8(order[0]);
        if (unit / SIDE_UNITS != mover || _hitPoints(game, unit) == 0) return "NotYourUnit";
        reason = _moveRefusal(game, unit, uint8(order[1]), uint8(order[2]));
        if (bytes(reason).length > 0) return reason;
        (game[_place(unit)], game[_place(unit) + 1]) = (order[1], order[2]);
        if (uint8(order[3]) != NO_TARGET) reason = _strike(game, unit, uint8(order[3]));
        if (bytes(reason).length > 0) return reason;
        game[0] = bytes1(uint8(game[0]) + 1);
    }

    function _moveRefusal(
        bytes memory game,
        uint256 unit,
        uint8 column,
        uint8 row
    ) private pure returns (string memory) {
        if (column >= BOARD || row >= BOARD) return "OffBoard";
        if (_distance(game, unit, column, row) > uint8(MOVEMENT[unit % 3])) return "TooFar";
        for (uint256 other = 0; other < UNITS; other++) {
            bool isThere = other != unit && _hitPoints(game, other) > 0;
            if (isThere && _distance(game, other, column, row) == 0) return "Occupied";
        }
        return "";
    }

    /// Whoever is refused has changed the game in memory, which nobody looks at any more.
    function _strike(
        bytes memory game,
        uint256 unit,
        uint256 target
    ) private pure returns (string memory) {
        bool isEnemy = target < UNITS && target / SIDE_UNITS != unit / SIDE_UNITS;
        if (!isEnemy || _hitPoints(game, target) == 0) return "NoSuchTarget";
        uint256 place = _place(target);
        uint256 away = _distance(game, unit, uint8(game[place]), uint8(game[place + 1]));
        if (away > uint8(RANGE[unit % 3])) return "OutOfRange";
        uint8 left = _hitPoints(game, target);
        uint8 damage = uint8(DAMAGE[unit % 3]);
        game[place + 2] = bytes1(left > damage ? left - damage : 0);
        return "";
    }

    /// Steps along columns and rows.
    function _distance(
        bytes memory game,
        uint256 unit,
        uint8 column,
        uint8 row
    ) private pure returns (uint256) {
        uint256 place = _place(unit);
        return _between(uint8(game[place]), column) + _between(uint8(game[place + 1]), row);
    }

    function _between(uint256 one, uint256 other) private pure returns (uint256) {
        return one > other ? one - other : other - one;
    }

    function _lives(bytes memory game, uint256 side) private pure returns (bool) {
        for (uint256 i = 0; i < SIDE_UNITS; i++) {
            if (_hitPoints(game, SIDE_UNITS * side + i) > 0) return true;
        }
        return false;
    }

    function _hitPoints(bytes memory game, uint256 unit) private pure returns (uint8) {
        return uint8(game[_place(unit) + 2]);
    }

    function _place(uint256 unit) private pure returns (uint256) {
        return 1 + 3 * unit;
    }
}
