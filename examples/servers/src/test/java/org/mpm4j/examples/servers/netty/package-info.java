/// Netty under the contract.
@NullMarked
package org.mpm4j.examples.servers.netty;

import org.jspecify.annotations.NullMarked;
