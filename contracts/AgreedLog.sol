// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import './MessageLogApp.sol';

/// The app of message logs whose game no contract knows: only what both signed is money.
contract AgreedLog is MessageLogApp {
    function _gameBytes() internal pure override returns (uint256) {
        return 0;
    }

    function _mover(bytes memory) internal pure override returns (uint256) {
        return NOBODY;
    }

    function _play(
        bytes32,
        bytes memory,
        uint256,
        Message memory
    ) internal pure override returns (string memory) {
        return "NotUnanimous";
    }

    function _winner(bytes memory) internal pure override returns (uint256) {
        return NOBODY;
    }
}
