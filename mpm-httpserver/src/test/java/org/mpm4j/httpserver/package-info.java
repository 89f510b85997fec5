@NullMarked
package org.mpm4j.httpserver;

import org.jspecify.annotations.NullMarked;
