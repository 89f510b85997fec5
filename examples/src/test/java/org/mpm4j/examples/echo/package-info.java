/// Tests of the echo server.
@NullMarked
package org.mpm4j.examples.echo;

import org.jspecify.annotations.NullMarked;
