/// The JDK's HTTP server in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.httpserver;

import org.jspecify.annotations.NullMarked;
