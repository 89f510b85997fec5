/// Apache's process models for Java servers; start at [org.mpm4j.Mpm].
package org.mpm4j;
