/// Tests of the status pages.
@NullMarked
package org.mpm4j.status;

import org.jspecify.annotations.NullMarked;
