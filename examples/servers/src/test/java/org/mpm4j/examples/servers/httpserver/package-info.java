/// The JDK's HTTP server under the contract.
@NullMarked
package org.mpm4j.examples.servers.httpserver;

import org.jspecify.annotations.NullMarked;
