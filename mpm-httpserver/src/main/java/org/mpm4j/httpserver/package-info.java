/// The JDK's HTTP server API on the event model; start at
/// [org.mpm4j.httpserver.MpmHttpServerProvider].
@NullMarked
package org.mpm4j.httpserver;

import org.jspecify.annotations.NullMarked;
