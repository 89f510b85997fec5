/// Libraries that know only [java.net.Socket], unchanged, in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.sockets;

import org.jspecify.annotations.NullMarked;
