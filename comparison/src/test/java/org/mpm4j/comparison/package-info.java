@org.jspecify.annotations.NullMarked
package org.mpm4j.comparison;
