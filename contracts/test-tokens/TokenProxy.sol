// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// Runs the code of another contract on its own storage. Anyone may change which.
contract TokenProxy {
    /// Source: ERC-1967.
    bytes32 private constant IMPLEMENTATION =
        bytes32(uint256(keccak256('eip1967.proxy.implementation')) - 1);

    function upgradeTo(address implementation) external {
        bytes32 slot = IMPLEMENTATION;
        assembly {
            sstore(slot, implementation)
        }
    }

    fallback() external payable {
        bytes32 slot = IMPLEMENTATION;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let succeeded := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(succeeded) {
                revert(0, returndatasize())
            }
            return(0, returndatasize())
        }
    }
}
