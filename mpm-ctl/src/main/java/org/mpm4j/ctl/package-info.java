/// `mpmctl`: what an operator, a script or an init system uses to ask and direct a running server.
/// Knows the server by its control socket alone.
@NullMarked
package org.mpm4j.ctl;

import org.jspecify.annotations.NullMarked;
