/// Tomcat in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.tomcat;

import org.jspecify.annotations.NullMarked;
