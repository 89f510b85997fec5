/// What an operator can do to a running server from outside: the control socket.
package org.mpm4j.impl.operator;
