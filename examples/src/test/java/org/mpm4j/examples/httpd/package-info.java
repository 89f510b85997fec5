/// Tests of the example server, most of them without a socket.
@NullMarked
package org.mpm4j.examples.httpd;

import org.jspecify.annotations.NullMarked;
