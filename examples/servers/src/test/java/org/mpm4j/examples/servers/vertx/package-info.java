/// Vert.x under the contract.
@NullMarked
package org.mpm4j.examples.servers.vertx;

import org.jspecify.annotations.NullMarked;
