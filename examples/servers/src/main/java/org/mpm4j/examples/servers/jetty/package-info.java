/// Jetty in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.jetty;

import org.jspecify.annotations.NullMarked;
