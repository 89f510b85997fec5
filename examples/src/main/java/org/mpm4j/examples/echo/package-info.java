/// The shortest honest server on mpm4j.
@NullMarked
package org.mpm4j.examples.echo;

import org.jspecify.annotations.NullMarked;
