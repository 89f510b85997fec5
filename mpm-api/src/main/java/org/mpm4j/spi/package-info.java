/// For implementations of mpm4j only.
package org.mpm4j.spi;
