/// Status pages, metrics and JMX for a running server.
package org.mpm4j.status;
