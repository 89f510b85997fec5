@NullMarked
package org.mpm4j.examples.sockets;

import org.jspecify.annotations.NullMarked;
