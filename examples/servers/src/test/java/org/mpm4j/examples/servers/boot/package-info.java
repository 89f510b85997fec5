/// Spring Boot under the contract.
@NullMarked
package org.mpm4j.examples.servers.boot;

import org.jspecify.annotations.NullMarked;
