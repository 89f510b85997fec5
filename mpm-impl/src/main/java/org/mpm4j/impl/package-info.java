/// Wiring only: the provider that [java.util.ServiceLoader] finds, and what both ways to run a
/// server share.
package org.mpm4j.impl;
