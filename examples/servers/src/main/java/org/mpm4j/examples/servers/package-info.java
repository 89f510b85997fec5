/// What all the servers of this module have in common.
@NullMarked
package org.mpm4j.examples.servers;

import org.jspecify.annotations.NullMarked;
