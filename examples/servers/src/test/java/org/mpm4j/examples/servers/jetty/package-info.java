/// Jetty under the contract.
@NullMarked
package org.mpm4j.examples.servers.jetty;

import org.jspecify.annotations.NullMarked;
