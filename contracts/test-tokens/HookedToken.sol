// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

interface IHookRegistry {
    function getInterfaceImplementer(address account, bytes32 name) external view returns (address);
}

interface ITokensSender {
    function tokensToSend(
        address operator,
        address from,
        address to,
        uint256 amount,
        bytes calldata userData,
        bytes calldata operatorData
    ) external;
}

/// Asks the sender of every transfer before it moves anything, as a token of ERC-777 does.
contract HookedToken is PlainToken {
    /// Source: ERC-1820.
    IHookRegistry private constant REGISTRY = IHookRegistry(0x1820a4B7618BdE71Dce8cdc73aAB6C95905faD24);

    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        address hook = REGISTRY.getInterfaceImplementer(from, keccak256('ERC777TokensSender'));
        if (hook != address(0)) {
            ITokensSender(hook).tokensToSend(msg.sender, from, to, amount, '', '');
        }
        return super._move(from, to, amount);
    }
}
