/// Spring Boot in the children of mpm4j.
@NullMarked
package org.mpm4j.examples.servers.boot;

import org.jspecify.annotations.NullMarked;
