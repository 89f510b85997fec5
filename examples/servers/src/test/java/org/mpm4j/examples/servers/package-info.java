/// What every whole server must do in the children of mpm4j, and the tests that it does.
@NullMarked
package org.mpm4j.examples.servers;

import org.jspecify.annotations.NullMarked;
