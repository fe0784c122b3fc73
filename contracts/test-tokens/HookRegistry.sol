// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// As much of the registry of ERC-1820 as a hook needs: everybody names the implementers of their own account.
contract HookRegistry {
    mapping(address => mapping(bytes32 => address)) private _implementers;

    function setInterfaceImplementer(address account, bytes32 name, address implementer) external {
        require(account == msg.sender, 'not your account');
        _implementers[account][name] = implementer;
    }

    function getInterfaceImplementer(address account, bytes32 name) external view returns (address) {
        return _implementers[account][name];
    }
}
