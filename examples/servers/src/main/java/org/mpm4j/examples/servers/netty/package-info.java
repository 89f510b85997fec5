/// Netty in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.netty;

import org.jspecify.annotations.NullMarked;
