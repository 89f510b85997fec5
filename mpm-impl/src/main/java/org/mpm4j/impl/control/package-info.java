/// What a supervisor and a child say to each other, and the socket that carries it.
package org.mpm4j.impl.control;
