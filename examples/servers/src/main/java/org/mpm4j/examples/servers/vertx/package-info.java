/// Vert.x in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.vertx;

import org.jspecify.annotations.NullMarked;
