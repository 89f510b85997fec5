/// Tomcat under the contract.
@NullMarked
package org.mpm4j.examples.servers.tomcat;

import org.jspecify.annotations.NullMarked;
